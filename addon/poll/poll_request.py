"""What a client asks with a poll: parsed, or refused with a word on what is wrong."""

import json
import re
from dataclasses import dataclass, field

from ..attention import LEVELS

#: As much as stock's server takes in one message of a websocket (``MESSAGE_MAX_SIZE``).
LARGEST_BODY = 2**20
MOST_CHANNELS = 5_000
LONGEST_CHANNEL = 512
MOST_SEEN_IDS = 2_000
MOST_EVENTS = 20
LONGEST_NAME = 64
#: PostgreSQL's integers, which ids are.
HIGHEST_ID = 2**31 - 1
#: Ids within the names of channels.
ID_IN_CHANNEL = re.compile(r"(?:discuss\.channel|res\.partner|mail\.guest)_(\d+)")
#: - ``stream``: answer with whatever comes, for as long as the request may be held
#: - ``once``: answer as soon as something is there (a proxy would keep back a stream)
#: - ``no``: answer at once
HOLDS = ("stream", "once", "no")


class BadPoll(ValueError):
    """The request makes no sense; the text says why."""


@dataclass
class PollRequest:
    #: Name of the hub's connection: a new request takes the place of the one before.
    client: str
    hold: str
    attention: str
    #: None: only asks what the server can do.
    channels: list[str] | None = None
    #: For whom the browser's tabs were loaded; required with channels.
    scope: str | None = None
    #: The server is told these channels for the first time.
    is_new: bool = False
    #: Everything up to this id is known to the client; with ``seen``, some of what came after it.
    last: int = 0
    seen: list[int] = field(default_factory=list)
    #: ``(name, data)`` of what else the client has to say, as over a websocket.
    events: list[tuple[str, dict]] = field(default_factory=list)

    @classmethod
    def parse(cls, body):
        """
        :param bytes body: of the request
        :raise BadPoll: if it is not what our client sends
        """
        try:
            values = json.loads(body)
        except (ValueError, RecursionError):
            raise BadPoll("the body must be JSON") from None
        _check(isinstance(values, dict), "the body must be a JSON object")
        unknown = values.keys() - cls.__dataclass_fields__.keys()
        _check(not unknown, f"unknown: {', '.join(sorted(unknown))[:LONGEST_NAME]}")
        if values.get("channels") is None:
            _check(not values.get("events"), "events come with channels")
            return cls(
                client=_name(values, "client"),
                hold=_choice(values, "hold", HOLDS),
                attention=_choice(values, "attention", LEVELS),
            )
        return cls(
            scope=_name(values, "scope"),
            client=_name(values, "client"),
            hold=_choice(values, "hold", HOLDS),
            attention=_choice(values, "attention", LEVELS),
            channels=_channels(values["channels"]),
            is_new=values.get("is_new") is True,
            last=_id(values.get("last", 0), "last"),
            seen=[_id(it, "seen") for it in _list(values, "seen", MOST_SEEN_IDS)],
            events=[_event(it) for it in _list(values, "events", MOST_EVENTS)],
        )


def _check(condition, complaint):
    if not condition:
        raise BadPoll(complaint)


def _name(values, key):
    value = values.get(key)
    is_name = isinstance(value, str) and 0 < len(value) <= LONGEST_NAME
    _check(is_name, f"{key} must be a string of 1 to {LONGEST_NAME} characters")
    return value


def _choice(values, key, choices):
    value = values.get(key)
    _check(value in choices, f"{key} must be one of: {', '.join(choices)}")
    return value


def _list(values, key, most):
    value = values.get(key, [])
    is_list = isinstance(value, list) and len(value) <= most
    _check(is_list, f"{key} must be a list of at most {most}")
    return value


def _id(value, key):
    is_id = type(value) is int and 0 <= value <= HIGHEST_ID
    _check(is_id, f"{key}: an id is an integer from 0 to {HIGHEST_ID}")
    return value


def _channels(values):
    is_list = isinstance(values, list) and len(values) <= MOST_CHANNELS
    _check(is_list, f"channels must be a list of at most {MOST_CHANNELS}")
    for value in values:
        is_channel = isinstance(value, str) and 0 < len(value) <= LONGEST_CHANNEL
        _check(is_channel, f"a channel is a string of 1 to {LONGEST_CHANNEL} characters")
        _check(value.isprintable(), "a channel has printable characters only")
        ids = ID_IN_CHANNEL.findall(value)
        is_in_range = all(len(it) <= 10 and int(it) <= HIGHEST_ID for it in ids)
        _check(is_in_range, "the id in a channel is too high")
    return values


def _event(value):
    _check(isinstance(value, dict), "an event is an object")
    data = value.get("data")
    _check(data is None or isinstance(data, dict), "the data of an event are an object")
    name = _name(value, "event_name")
    _check(name != "subscribe", "channels are subscribed to with the request, not by an event")
    return name, data or {}
