insert into changes.head (county_code, department, dataset)
values (:county, :department, :dataset)
on conflict do nothing
