create temporary table affected on commit drop as
select i.record_key from incoming as i
union
select g.record_key from gone as g
