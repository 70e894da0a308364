update changes.head
set
    last_change_id = :last_change_id,
    recorded_at = :recorded_at
where county_code = :county and department = :department and dataset = :dataset
