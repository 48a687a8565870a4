"""People as locust has them: each asks the gateway, reads the answer, and asks again.

Run by `bench.gateway` as `python -m locust -f bench/people.py`; the key is in BENCH_KEY.
"""

import os

from locust import HttpUser, constant, task

from bench.direct import PATH
from bench.fake_server import MODEL
from bench.numbered import ask_for, fault_in, numbers_in

COUNT = 5
BODY = {
    "model": MODEL,
    "messages": [{"role": "user", "content": ask_for(COUNT, rate=100)}],
}


class Person(HttpUser):
    """Somebody who never thinks."""

    wait_time = constant(0)

    @task
    def ask(self) -> None:
        headers = {"Authorization": f"Bearer {os.environ['BENCH_KEY']}"}
        with self.client.post(
            PATH, json=BODY, headers=headers, catch_response=True
        ) as answer:
            text = answer.json()["choices"][0]["message"]["content"]
            if fault := fault_in(numbers_in(text), COUNT):
                answer.failure(fault)
