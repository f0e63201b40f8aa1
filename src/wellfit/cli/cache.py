"""``wellfit cache``: what is kept on disk, and how to be rid of it."""

import typer

from wellfit.cli import options, show
from wellfit.core import cache_folder

app = typer.Typer(help="Compiled programs, kept on disk for a fast start.", no_args_is_help=True)


@app.command()
def info(json: options.Json = False) -> None:
    """Where compiled programs are kept, how many, and how large they are."""
    place, found = cache_folder.folder(), cache_folder.contents()
    limit = cache_folder.LIMIT_BYTES
    if json:
        show.as_json({"folder": place and str(place), "programs": found.programs, "bytes": found.size, "limit": limit})
    elif place is None:
        typer.echo("No programs are kept: WELLFIT_CACHE is off, or there is no home folder.")
    else:
        typer.echo(f"{place}: {_words(found)} of at most {_size(limit)}; WELLFIT_CACHE names another folder.")


@app.command()
def clear(json: options.Json = False) -> None:
    """Delete the compiled programs; the next fit compiles again."""
    place, gone = cache_folder.folder(), cache_folder.clear()
    if left := cache_folder.contents().programs:
        raise OSError(f"{left} programs in {str(place)!r} could not be deleted; look at the folder's permissions.")
    if json:
        show.as_json({"folder": place and str(place), "deleted": gone.programs, "bytes": gone.size})
    else:
        typer.echo(f"{_words(gone)} deleted" + (f" from {place}." if place else ": nothing is kept on this machine."))


def _words(found: cache_folder.Contents) -> str:
    return f"{found.programs:,} {'program' if found.programs == 1 else 'programs'}, {_size(found.size)}"


def _size(count: int) -> str:
    return f"{count / 2**20:,.1f} MiB" if count >= 2**20 else f"{count / 1024:,.0f} KiB"
