insert into ops.returned_file (
    file_id, county_code, channel, department, sha256, bytes, state, error_code, reason, by_whom, received_at,
    taken_at
)
values (
    :file, :county, :channel, :department, :sha256, :bytes, :state, :code, :reason, :person, :received_at,
    case when :state = 'refused' then cast(:received_at as timestamptz) end
)
on conflict (file_id) do nothing
