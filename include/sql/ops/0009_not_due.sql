-- A dataset that owes nothing on a night (weekly, monthly …) is neither there nor missing.
alter table ops.conclusion drop constraint conclusion_outcome_check;
alter table ops.conclusion add constraint conclusion_outcome_check check (
    outcome in ('accepted', 'held', 'refused', 'absent', 'failed', 'empty', 'not_due')
);
