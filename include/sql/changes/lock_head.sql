select 1 from changes.head
where county_code = :county and department = :department and dataset = :dataset
for update
