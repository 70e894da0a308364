-- Under the outbox's lock nobody is sending: a notice still marked so was left by a killed process. What did not
-- go out of older editions never will.
update reports.outbox as o
set
    state = case
        when o.state = 'sending' then 'unknown'
        else 'superseded'
    end,
    reason = case
        when o.state = 'sending' then '发送过程被中断，无法确认是否送达'
        else '已被新版取代'
    end
where
    o.county_code = :county
    and o.business_date = :day
    and (
        o.state = 'sending'
        or (
            o.state in ('pending', 'failed')
            and exists (
                select 1
                from reports.outbox as newer
                where
                    newer.county_code = o.county_code
                    and newer.business_date = o.business_date
                    and newer.recipient = o.recipient
                    and newer.revision > o.revision
            )
        )
    )
