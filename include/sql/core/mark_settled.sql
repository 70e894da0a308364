update changes.head
set settled_change_id = :last_change_id
where county_code = :county and department = :department and dataset = :dataset
