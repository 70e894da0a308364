"""The board (看板): pages inside Airflow's UI, behind its login.

In: what the stages recorded about a business date.
Out: the page *tonight* at ``/xianjie/``, the same as JSON at ``/xianjie/api/tonight``, packs and Data Docs
for those who may see them.
What can go wrong: nobody is logged in (401, a browser is sent to the login), the login does not allow it
(403), the warehouse is away (503, the page says so).

Only `guard` is loaded by every Airflow process; the application behind it is imported at its first request.
"""
