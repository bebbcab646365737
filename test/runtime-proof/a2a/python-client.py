"""Asks an agent by the Python SDK of A2A, as a stranger finds it: by the card at its well-known address. Prints JSON lines."""
import asyncio
import json
import sys
import uuid

import httpx
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.types import Message, Part, Role, SendMessageRequest


async def ask(url: str, streaming: bool) -> dict:
    async with httpx.AsyncClient(timeout=60) as http:
        card = await A2ACardResolver(http, url).get_agent_card()
        client = ClientFactory(ClientConfig(streaming=streaming, httpx_client=http)).create(card)
        message = Message(message_id=str(uuid.uuid4()), role=Role.ROLE_USER, parts=[Part(text="Where is my order?")])
        kinds = []
        answer = ""
        async for event in client.send_message(SendMessageRequest(message=message)):
            kind = event.WhichOneof("payload")
            kinds.append(kind)
            if kind == "task":
                answer = "".join(part.text for artifact in event.task.artifacts for part in artifact.parts) or answer
            if kind == "artifact_update":
                answer += "".join(part.text for part in event.artifact_update.artifact.parts)
        return {"name": card.name, "streaming": streaming, "kinds": kinds, "answer": answer}


async def main() -> None:
    for streaming in (False, True):
        print(json.dumps(await ask(sys.argv[1], streaming)))


asyncio.run(main())
