"""What makes a valid request one that is answered, and soon."""

import itertools

import schemathesis

numbers = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is not None and not case.meta.generation.mode.is_positive:
        return
    # A key of an earlier request with another body is refused, as it must be.
    if case.headers and "idempotency-key" in case.headers:
        case.headers["idempotency-key"] = f"key-{next(numbers)}"
    # The events of a job that begins in a week end in a week.
    if isinstance(case.body, dict) and "delay_seconds" in case.body:
        case.body["delay_seconds"] = 0
