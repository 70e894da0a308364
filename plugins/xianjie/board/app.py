"""The board's application; always behind `xianjie.board.guard`."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, File, Form, HTTPException, Query, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

from xianjie.board import desk
from xianjie.board.tonight import Tonight, tonight
from xianjie.errors import XianjieError
from xianjie.reports.cover import missing_names
from xianjie.reports.page import render
from xianjie.reports.words import Words, words
from xianjie.returns.channels import channels
from xianjie.settings import settings

Language = Annotated[Literal["zh", "en"] | None, Query(alias="lang", description="language of the page")]
Day = Annotated[dt.date | None, Query(alias="date", description="business date, YYYY-MM-DD")]

app = FastAPI(title="Xianjie board", docs_url=None, redoc_url=None)


@app.get("/", response_class=HTMLResponse)
def page(request: Request, day: Day = None, language: Language = None) -> HTMLResponse:
    """The page *tonight*."""
    return HTMLResponse(
        _tonight_page(
            tonight(day, settings().county_code, words(language).language), words(language), request
        )
    )


@app.get("/api/tonight")
def api_tonight(day: Day = None, language: Language = None) -> dict[str, Any]:
    """The same as JSON."""
    return tonight(day, settings().county_code, words(language).language).to_json()


@app.get("/returns", response_class=HTMLResponse)
def returned(request: Request, said: str = "", language: Language = None) -> HTMLResponse:
    """The page *returned rows*: what is open, the workbooks to fill in, what came back."""
    w = words(language)
    return HTMLResponse(
        render(
            "board/returns.html.j2",
            t=desk.desks(settings().county_code, w.language),
            w=w,
            base=_base(request),
            other="en" if w.language == "zh" else "zh",
            said=said if said in ("received", "too_large", "no_file") else "",
            most=channels().max_file_mb,
        )
    )


@app.get("/api/returns")
def api_returned(language: Language = None) -> dict[str, Any]:
    """The same as JSON."""
    return desk.desks(settings().county_code, words(language).language).to_json()


@app.post("/returns/upload")
def upload(
    request: Request,
    department: Annotated[str, Form()],
    workbook: Annotated[UploadFile, File()],
    language: Annotated[str, Form()] = "zh",
) -> RedirectResponse:
    """Takes a filled-in workbook for a department; the `returns` DAG judges it within minutes."""
    if not workbook.filename:
        said = "no_file"
    else:
        try:
            is_kept = desk.put(department, workbook.filename, workbook.file, request.state.person)
        except KeyError:
            raise HTTPException(404) from None
        said = "received" if is_kept else "too_large"
    lang = "en" if language == "en" else "zh"
    return RedirectResponse(f"{_base(request)}returns?lang={lang}&said={said}", 303)


@app.get("/returns/answers/{file_id}")
def answer(file_id: uuid.UUID) -> FileResponse:
    """The answer to a file that came back; the guard lets only those in who may run DAGs."""
    found = desk.answer_of(settings().county_code, file_id)
    if found is None:
        raise HTTPException(404)
    return FileResponse(found[0], filename=found[1])


@app.get("/packs/{path:path}")
def pack(path: str) -> FileResponse:
    """A file of a pack; the guard lets only those in who may run DAGs."""
    return _file(settings().out_dir, path)


@app.get("/data-docs/{path:path}")
def data_docs(path: str) -> FileResponse:
    """A page of the Data Docs, which hold no personal value."""
    served = _file(settings().home / "data_docs", path)
    # Written by Great Expectations with its own inline scripts; they stay in a sandbox without our origin.
    served.headers["content-security-policy"] = (
        "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        "img-src data:; font-src data:; frame-ancestors 'self'"
    )
    return served


@app.exception_handler(XianjieError)
def away(request: Request, error: XianjieError) -> Response:
    """Something of ours failed: say what happened to the data, not how."""
    return _plain(request, words(), 503, error.message)


@app.exception_handler(404)
def not_found(request: Request, _: Exception) -> Response:
    """An address that does not exist, also below the packs."""
    return _plain(request, words(), 404, words()("board.not_found"))


@app.exception_handler(RequestValidationError)
def misspelt(request: Request, _: Exception) -> Response:
    """A parameter that does not read; its value is not repeated."""
    return _plain(request, words(), 422, words()("board.bad_parameter"))


def _plain(request: Request, w: Words, status: int, message: str) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"detail": message}, status)
    return HTMLResponse(render("board/message.html.j2", w=w, message=message, base=_base(request)), status)


def _tonight_page(shown: Tonight, w: Words, request: Request) -> str:
    other = "en" if w.language == "zh" else "zh"
    return render(
        "board/tonight.html.j2",
        t=shown,
        w=w,
        base=_base(request),
        other=other,
        is_latest=bool(shown.dates) and shown.business_date == shown.dates[0],
        docs=_docs(shown),
        missing=missing_names(shown.datasets, w),
    )


def _base(request: Request) -> str:
    """Where the board is mounted, as the browser sees it: also right below a proxy's prefix."""
    return str(request.scope.get("root_path", "")).rstrip("/") + "/"


def _docs(shown: Tonight) -> dict[str, str]:
    """Address of the Data Docs by ``department.dataset``, below ``data-docs/``, where there are any."""
    root = settings().home / "data_docs"
    found = {}
    for row in shown.datasets:
        path = Path(shown.business_date.isoformat()) / row.department / row.dataset / "index.html"
        if (root / path).is_file():
            found[f"{row.department}.{row.dataset}"] = path.as_posix()
    return found


def _file(root: Path, path: str) -> FileResponse:
    """A file below `root`, and only below it."""
    base, place = root.resolve(), (root / path).resolve()
    if (
        not place.is_relative_to(base)
        or not place.is_file()
        or any(part.startswith(".") for part in Path(path).parts)
    ):
        raise HTTPException(404)
    return FileResponse(place)
