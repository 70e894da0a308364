-- The draws (hashes of the seed, the subject and a tag) and the citizen ID of GB 11643, as macros.
create or replace macro u(subject, tag) as (hash(subject, tag, getvariable('seed')) >> 11) / 9007199254740992.0;
create or replace macro slot_of(subject, tag) as (hash(subject, tag, getvariable('seed')) >> 11) % 2048;
create or replace macro pick(subject, tag, choices) as choices[1 + floor(u(subject, tag) * len(choices))::int];
create or replace macro check_digit(body) as substr('10X98765432', 1 + (
    ascii(body[1]) * 7 + ascii(body[2]) * 9 + ascii(body[3]) * 10 + ascii(body[4]) * 5 + ascii(body[5]) * 8
    + ascii(body[6]) * 4 + ascii(body[7]) * 2 + ascii(body[8]) + ascii(body[9]) * 6 + ascii(body[10]) * 3
    + ascii(body[11]) * 7 + ascii(body[12]) * 9 + ascii(body[13]) * 10 + ascii(body[14]) * 5 + ascii(body[15]) * 8
    + ascii(body[16]) * 4 + ascii(body[17]) * 2 - 48 * 100
) % 11, 1);
create or replace macro id_number(birth_date, sequence) as
    (getvariable('prefix') || strftime(birth_date, '%Y%m%d') || lpad(sequence::varchar, 3, '0'))
    || check_digit(getvariable('prefix') || strftime(birth_date, '%Y%m%d') || lpad(sequence::varchar, 3, '0'));
-- assistance workshops lie within the county
create or replace macro job_channel(person, work_place) as pick(person, 'channel', if(
    work_place in ('县外省内', '省外'), ['企业吸纳', '自发外出', '东西部协作', '企业吸纳', '工程项目', '创业带动'],
    ['企业吸纳', '自发外出', '东西部协作', '帮扶车间', '工程项目', '创业带动']
));
