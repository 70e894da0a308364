-- An item that goes on from none began when it was opened; quality.item says so.
alter table quality.quarantined_row alter column first_opened_on drop not null;
alter table quality.warned_row alter column first_opened_on drop not null;
