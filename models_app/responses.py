"""What the forms of the models page answer with, to pages with JavaScript and without."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from models_app.pull_panels import Context

IN_PLACE = "in_place"
"""With this in a form, the page wants no other page: it fetches what has changed."""
UNFIT = 422


def back(request: HttpRequest) -> HttpResponse:
    """All is done."""
    return HttpResponse(status=204) if _in_place(request) else redirect("models")


def again(
    request: HttpRequest, fragment: str, context: Context, *, status: int = UNFIT
) -> HttpResponse:
    """The form once more, with what was typed and what is wrong with it."""
    if _in_place(request):
        return render(request, fragment, context, status=status)
    whole = {"fragment": fragment, "part": "models", **context}
    return render(request, "models_app/form.html", whole, status=status)


def _in_place(request: HttpRequest) -> bool:
    return bool(request.POST.get(IN_PLACE))
