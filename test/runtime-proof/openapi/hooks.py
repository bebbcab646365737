"""A key of an earlier request with another body is refused, as it must be: each valid request gets a key of its own."""

import itertools

import schemathesis

numbers = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode.is_positive:
        if case.headers and "idempotency-key" in case.headers:
            case.headers["idempotency-key"] = f"key-{next(numbers)}"
