"""What can stand in the way of a preset; more of the tree in `dashboard.errors`."""

from dashboard.errors import DashboardError, gettext_noop


class PresetError(DashboardError):
    """A preset that cannot be kept as somebody wrote it; what they wrote is not lost."""

    status = 422


class ModelfileUnsound(PresetError):
    code = "modelfile_unsound"
    sentence = gettext_noop(
        "The text is no Modelfile yet. Mend the marked lines, then save again."
    )


class PresetNameTaken(PresetError):
    code = "preset_name_taken"
    sentence = gettext_noop(
        "There is a preset “%(name)s” already. Choose another name, then save again."
    )


class PresetWentOn(PresetError):
    """Somebody saved it after this person began to edit."""

    code = "preset_went_on"
    sentence = gettext_noop(
        "%(who)s has saved this preset while you edited it. Yours is not saved yet: "
        "compare both below, then save again."
    )


class ModelThere(PresetError):
    """A model of that name would be overwritten."""

    code = "model_there"
    sentence = gettext_noop(
        "%(server)s has a model “%(name)s” already. Choose another name, or say that it "
        "may be replaced."
    )
