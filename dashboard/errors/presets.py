"""What can stand in the way of a preset."""

from dashboard.errors.base import DashboardError, NotFound, gettext_noop


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


class NamesAFile(PresetError):
    """A model cannot be made of it: a file would have to be where the text is read."""

    code = "names_a_file"
    sentence = gettext_noop(
        "Line %(line)s names a file, “%(given)s”, which Paddock does not have. Make the "
        "model with Ollama's own command line where the file is, then name it in FROM."
    )


class NothingToTry(PresetError):
    code = "nothing_to_try"
    sentence = gettext_noop(
        "Write a question, and choose a server that has the model. Then try again."
    )


class NoSuchModel(NotFound):
    """The same for one that is not there and for one that is for others."""

    code = "no_such_model"
    sentence = gettext_noop(
        "%(server)s has no model “%(name)s” for you. Choose one that it lists, or have "
        "it pulled first."
    )


class NothingToRead(PresetError):
    code = "nothing_to_read"
    sentence = gettext_noop("Choose a server, and write the name of a model on it.")
