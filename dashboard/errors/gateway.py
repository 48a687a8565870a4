"""What a program that calls the gateway did wrong, or may not do.

Programs are told in English; `param` names the field that is meant.
"""

from dashboard.errors.base import DashboardError, gettext_noop


class GatewayError(DashboardError):
    """A call that goes no further."""

    code = "invalid_request"
    status = 400


class GatewayFailed(GatewayError):
    """Our own fault: the log has it."""

    code = "internal_error"
    status = 500
    sentence = gettext_noop("Paddock failed at this. Its log says why; try again.")


class KeyMissing(GatewayError):
    code = "missing_api_key"
    status = 401
    sentence = gettext_noop(
        "No API key came with this. Send it as “Authorization: Bearer …”; "
        "you make one under API."
    )


class KeyUnknown(GatewayError):
    """One that never was, has expired, or was revoked: strangers learn no more."""

    code = "invalid_api_key"
    status = 401
    sentence = gettext_noop(
        "This API key is not valid (any more). Make a new one under API."
    )


class KeyNameTaken(DashboardError):
    """Told to the person who makes the key."""

    code = "key_name_taken"
    status = 409
    sentence = gettext_noop(
        "You have a key with the name “%(name)s” already. Choose another name, or revoke "
        "that one first."
    )


class KeyRequestsSpent(GatewayError):
    """A limit of the key, not of its person; `retry_after` is in seconds."""

    code = "key_requests_spent"
    status = 429
    sentence = gettext_noop(
        "This key may ask %(limit)s times a minute, and has. "
        "Ask again when the minute is over."
    )


class OriginRefused(GatewayError):
    code = "origin_not_allowed"
    status = 403
    sentence = gettext_noop(
        "Scripts of %(origin)s may not use this key. "
        "An administrator can allow this page for it."
    )


class KeyMayNotManage(GatewayError):
    code = "key_may_not_manage"
    status = 403
    sentence = gettext_noop(
        "This key may not change models. An administrator can allow it to."
    )


class PullCancelled(GatewayError):
    code = "pull_cancelled"
    status = 409
    sentence = gettext_noop("The pull of “%(name)s” to %(server)s was cancelled.")


class NoSuchRoute(GatewayError):
    code = "unknown_url"
    status = 404
    sentence = gettext_noop("There is nothing at %(method)s %(path)s.")


class MethodRefused(GatewayError):
    code = "method_not_allowed"
    status = 405
    sentence = gettext_noop("%(path)s is not asked by %(method)s.")


class ModelUnknown(GatewayError):
    """None of the person's and the key's; others are not told of."""

    code = "model_not_found"
    status = 404
    sentence = gettext_noop(
        "There is no model “%(model)s” for this key. GET /v1/models lists those there are."
    )


class BodyTooLarge(GatewayError):
    code = "request_too_large"
    status = 413
    sentence = gettext_noop("The request is larger than %(most)s MB.")


class BodyUnreadable(GatewayError):
    code = "invalid_json"
    sentence = gettext_noop("The request must be one JSON object: %(detail)s.")


class FieldUnfit(GatewayError):
    code = "invalid_value"
    sentence = gettext_noop("“%(param)s” cannot be used so: %(detail)s.")


class PicturesUnseen(GatewayError):
    """Every server that has the model tells that it takes none."""

    code = "unsupported_value"
    sentence = gettext_noop(
        "“%(model)s” takes no pictures. Leave them out, or ask a model that takes them."
    )


class FieldNotAllowed(GatewayError):
    code = "unsupported_parameter"
    sentence = gettext_noop(
        "“%(param)s” may not be sent with this key. "
        "Leave it out, or ask an administrator to allow it for your group."
    )


class FieldMisspelt(GatewayError):
    """Nobody has such a field; one that may be sent is spelt nearly so."""

    code = "unknown_parameter"
    sentence = gettext_noop(
        "“%(param)s” is no field that is known here. Did you mean “%(close)s”?"
    )


class FileUnknown(GatewayError):
    """None of the person's; others are not told of."""

    code = "file_not_found"
    status = 404
    sentence = gettext_noop("There is no file “%(name)s” of yours.")


class FileTooLarge(GatewayError):
    code = "file_too_large"
    status = 413
    sentence = gettext_noop(
        "The file is larger than %(most)s MB. Make several batches of it."
    )


class FilesFull(GatewayError):
    """The person's files would take more of the disk than they may, all in MB. No server's
    fault, which SDKs would try again."""

    code = "files_full"
    status = 413
    counts = ("used", "most")
    sentence = gettext_noop(
        "Your files, answers among them, take %(used)s of %(most)s MB, and there is no room "
        "for this. Delete batches and files that you need no longer, then try again."
    )


class FileInUse(GatewayError):
    code = "file_in_use"
    status = 409
    sentence = gettext_noop(
        "A batch of this file has not ended. Cancel it first, or wait for its end."
    )


class BatchUnknown(GatewayError):
    """None of the person's; others are not told of."""

    code = "batch_not_found"
    status = 404
    sentence = gettext_noop("There is no batch “%(name)s” of yours.")


class BatchOpen(GatewayError):
    code = "batch_open"
    status = 409
    sentence = gettext_noop("This batch has not ended. Cancel it first.")


class BatchEnded(GatewayError):
    code = "batch_ended"
    status = 409
    sentence = gettext_noop("This batch has ended already.")


class TooManyBatches(GatewayError):
    code = "too_many_batches"
    status = 429
    sentence = gettext_noop(
        "You have %(most)s batches that have not ended. Wait for the end of one."
    )


class NothingInBatch(GatewayError):
    code = "empty_file"
    sentence = gettext_noop(
        "There is no request in the file. It must be JSON lines, a request each."
    )


class TooManyLines(GatewayError):
    code = "too_many_tasks"
    sentence = gettext_noop(
        "There are more than %(most)s requests in the file. Make several batches of it."
    )


class BatchFileGone(GatewayError):
    code = "input_file_gone"
    sentence = gettext_noop(
        "The file of this batch is not there any more. Upload it again."
    )


class NoRoomForBatch(GatewayError):
    code = "no_room"
    status = 507
    sentence = gettext_noop(
        "There is no room on the disk of Paddock for the answers. "
        "What was answered is kept; tell an administrator."
    )


class LineUnreadable(GatewayError):
    """A line of a batch; the others go on."""

    code = "invalid_json_line"
    sentence = gettext_noop("Line %(line)s is no JSON object: %(detail)s.")


class LineUnfit(GatewayError):
    code = "invalid_request"
    sentence = gettext_noop("Line %(line)s cannot be asked: %(detail)s.")


class LineDouble(GatewayError):
    code = "duplicate_custom_id"
    sentence = gettext_noop(
        "Line %(line)s has the custom_id of one before it, “%(name)s”."
    )


class LineElsewhere(GatewayError):
    code = "mismatched_url"
    sentence = gettext_noop(
        "Line %(line)s is for “%(name)s”, and its batch for “%(endpoint)s”."
    )


class LineExpired(GatewayError):
    code = "batch_expired"
    sentence = gettext_noop(
        "The batch was not done with this line within its 24 hours."
    )
