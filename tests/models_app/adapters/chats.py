"""Replies that servers of each kind once streamed, and where they are to be had."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from models_app.adapters.base import (
    ChatMessage,
    ChatRequest,
    Finish,
    Image,
    Tool,
    ToolCall,
    Usage,
)
from tests.fakes.asking import asking
from tests.models_app.adapters.dialects import NATIVE, NDJSON, OPENAI, Dialect

WEATHER = Tool("get_weather", "Looks out of the window.", {"type": "object"})
OSLO = '{"city":"Oslo"}'
FRANCE = "The capital of France is Paris."
COLOR = "The most obvious example of a color is indeed red. However"


@dataclass(frozen=True, slots=True)
class Forms:
    """How a kind wants to be told of `LOOK`, `CALL` and `ANSWER`, and asked to go on."""

    look: Mapping[str, object]
    call: Mapping[str, object]
    answer: Mapping[str, object]
    go_on: Mapping[str, bool] | None = None
    """The flags with which it writes on by itself; None where it is asked in words."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to a reply: LM Studio has two, and takes one by what is asked."""

    kind: str
    path: str
    dialect: Dialect
    forms: Forms
    request: ChatRequest = field(default_factory=asking)


@dataclass(frozen=True, slots=True)
class Chat:
    """A recorded reply, and all that is to be read out of it."""

    channel: Channel
    recording: str
    finish: Finish
    text: str = ""
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()


GET_OSLO = ToolCall("call_1", "get_weather", OSLO)
LOOK = ChatMessage("user", "What is this?", images=(Image(b"\x89PNG", "image/png"),))
CALL = ChatMessage("assistant", "", calls=(GET_OSLO,))
ANSWER = ChatMessage("tool", "rain", answers=GET_OSLO)
AS_OPENAI = Forms(
    look={
        "role": "user",
        "content": [
            {"type": "text", "text": "What is this?"},
            {
                "type": "image_url",
                "image_url": {"url": "data:image/png;base64,iVBORw=="},
            },
        ],
    },
    call={
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "call_1",
                "type": "function",
                "function": {"name": "get_weather", "arguments": OSLO},
            }
        ],
    },
    answer={"role": "tool", "content": "rain", "tool_call_id": "call_1"},
)
WRITING_ON = replace(
    AS_OPENAI,
    go_on={"continue_final_message": True, "add_generation_prompt": False},
)
AS_OLLAMA = Forms(
    look={"role": "user", "content": "What is this?", "images": ["iVBORw=="]},
    call={
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {
                "id": "call_1",
                "function": {"name": "get_weather", "arguments": {"city": "Oslo"}},
            }
        ],
    },
    answer={
        "role": "tool",
        "content": "rain",
        "tool_name": "get_weather",
        "tool_call_id": "call_1",
    },
    go_on={},
)
HELLO = (ChatMessage("user", "hello"),)
OPENAI_PATH = "/v1/chat/completions"
CHANNELS = {
    "ollama": Channel("ollama", "/api/chat", NDJSON, AS_OLLAMA),
    "lmstudio": Channel(
        "lmstudio",
        "/api/v1/chat",
        NATIVE,
        AS_OPENAI,
        ChatRequest("qwen/qwen3-4b", HELLO),
    ),
    "lmstudio-v1": Channel(
        "lmstudio",
        OPENAI_PATH,
        OPENAI,
        AS_OPENAI,
        ChatRequest("qwen/qwen3-4b", HELLO, tools=(WEATHER,)),
    ),
    "vllm": Channel("vllm", OPENAI_PATH, OPENAI, WRITING_ON),
    "llamacpp": Channel("llamacpp", OPENAI_PATH, OPENAI, WRITING_ON),
    "openai": Channel("openai", OPENAI_PATH, OPENAI, AS_OPENAI),
}
CHATS = {
    "ollama": Chat(
        CHANNELS["ollama"],
        "real-ollama-chat-stream.ndjson",
        Finish("stop", Usage(16, 8, None, 44.529, 718.801, 1.264067)),
        text=FRANCE,
    ),
    "ollama-thinking": Chat(
        CHANNELS["ollama"],
        "real-ollama-chat-thinking-stream.ndjson",
        Finish("stop", Usage(132, 21, None, 1312.639, 2197.315, 26.951432)),
        text="Paris.",
        reasoning="The user wants the capital of France.\n",
    ),
    "ollama-tools": Chat(
        CHANNELS["ollama"],
        "real-ollama-chat-tools-stream.ndjson",
        Finish("stop", Usage(68, 39, None, 1901.386, 1593.274, 28.582386)),
        calls=(ToolCall("call_77h70f8f", "get_weather", '{"city": "Oslo"}'),),
    ),
    "lmstudio": Chat(
        CHANNELS["lmstudio"],
        "lmstudio-chat-stream.sse",
        Finish("stop", Usage(21, 9, predicted_ms=9000 / 61.2, load_ms=3412.0)),
        text="Oslo.",
        reasoning="Capital question.",
    ),
    "lmstudio-v1": Chat(
        CHANNELS["lmstudio-v1"],
        "lmstudio-v1-chat-tools-stream.sse",
        Finish("tool_calls", Usage(150, 31)),
        text="Let me look.",
        reasoning="Weather.",
        calls=(ToolCall("365174485", "get_weather", OSLO),),
    ),
    "vllm": Chat(
        CHANNELS["vllm"],
        "real-vllm-chat-stream.sse",
        Finish("stop", Usage(37, 8)),
        text=FRANCE,
    ),
    "vllm-unsplit": Chat(
        CHANNELS["vllm"],
        "real-vllm-chat-reasoning-unsplit-stream.sse",
        Finish("stop", Usage(34, 21)),
        text="I am not a chatbot",
        reasoning="user not in chat  is a n",
    ),
    "vllm-tools": Chat(
        CHANNELS["vllm"],
        "real-vllm-chat-tools-named-stream.sse",
        Finish("stop", Usage(34, 51, 0)),
        calls=(ToolCall("chatcmpl-tool-a10e88fee2fd440b", "get_weather", '"gaben"'),),
    ),
    "llamacpp": Chat(
        CHANNELS["llamacpp"],
        "llamacpp-chat-stream.sse",
        Finish("length", Usage(34, 12, 24, 1424.193, 4707.972)),
        text=COLOR,
    ),
    "llamacpp-tools": Chat(
        CHANNELS["llamacpp"],
        "llamacpp-chat-reasoning-tools-stream.sse",
        Finish("tool_calls", Usage(31, 9, 0, 118.2, 201.4)),
        text="Oslo",
        reasoning="Capital question.",
        calls=(ToolCall("YbT1cQx9", "get_weather", OSLO),),
    ),
    "openai": Chat(
        CHANNELS["openai"],
        "real-ollama-v1-chat-stream.sse",
        Finish("stop", Usage(16, 8)),
        text=FRANCE,
    ),
    "openai-thinking": Chat(
        CHANNELS["openai"],
        "real-ollama-v1-chat-thinking-stream.sse",
        Finish("stop", Usage(132, 21)),
        text="Paris.",
        reasoning="The user wants the capital of France.\n",
    ),
    "openai-variants": Chat(
        CHANNELS["openai"],
        "openai-chat-stream-variants.sse",
        Finish("length", Usage(5, 3)),
        text="Blåbær 🫐!",
        reasoning="hm",
    ),
    "openai-tools": Chat(
        CHANNELS["openai"],
        "openai-chat-stream.sse",
        Finish("tool_calls", Usage(83, 57, 64)),
        text="Let me check.",
        reasoning="The user asks for the weather.",
        calls=(
            ToolCall("call_a1", "get_weather", OSLO),
            ToolCall("call_b2", "get_time", '{"tz":"Europe/Oslo"}'),
        ),
    ),
}
