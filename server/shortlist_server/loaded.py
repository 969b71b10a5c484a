"""The pipeline that answers, once there is one."""

from shortlist_server.errors import NotReady, UnknownModel
from shortlist_server.pipeline.protocol import PipelineProtocol

DEFAULT_MODEL = "default"
_RETRY_AFTER = 1.0


class Loaded:
    """Holds one reference; a request works on the pipeline it was given until it is answered."""

    def __init__(self) -> None:
        """Start with nothing loaded."""
        self._pipeline: PipelineProtocol | None = None

    def put(self, pipeline: PipelineProtocol) -> None:
        """Let the pipeline answer from now on."""
        before, self._pipeline = self._pipeline, pipeline
        if before is not None:
            before.close()

    def close(self) -> None:
        """Let the pipeline end what runs beside its answers."""
        if self._pipeline is not None:
            self._pipeline.close()

    def current(self) -> PipelineProtocol:
        """Return the pipeline that answers now.

        Raises:
            NotReady: Nothing is loaded yet.
        """
        pipeline = self._pipeline
        if pipeline is None:
            raise NotReady("the server is starting and has no bundle yet", retry_after=_RETRY_AFTER)
        return pipeline

    def of_model(self, name: str) -> PipelineProtocol:
        """Return the pipeline of a model; an empty name means 'default'.

        Raises:
            NotReady: Nothing is loaded yet.
            UnknownModel: The pipeline serves another model.
        """
        pipeline = self.current()
        if (name or DEFAULT_MODEL) != pipeline.model:
            raise UnknownModel(name or DEFAULT_MODEL)
        return pipeline
