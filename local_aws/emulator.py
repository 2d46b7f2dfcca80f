# SPDX-License-Identifier: Apache-2.0
"""Extends ministack. It imports ministack, so the environment of the process must be set before."""

from typing import Any

from ministack import app as ministack_app

from . import athena, functions, key_access, personalize_service, records_endpoint, request_rules, scheduler
from .access import PolicyChecker
from .cloudformation import (
    answers,
    buckets,
    cleanup,
    dated_handles,
    end_of_update,
    failed_creates,
    interruptions,
    invocations,
    nested_stacks,
    parallel,
    personalize_types,
    tables,
)
from .s3_reader import S3Reader
from .settings import Settings


def extended_app(settings: Settings) -> Any:
    """Return ministack's application with Personalize and all corrections. Call it once in a process."""
    # ministack removes its own containers at start; this instance has none.
    ministack_app._docker_socket_present = lambda: False
    services = personalize_service.Services(PolicyChecker(), S3Reader(), settings.timing)
    personalize_service.register(ministack_app, services)
    athena.apply()
    request_rules.apply()
    key_access.apply()
    personalize_types.register(services)
    buckets.apply()
    tables.apply()
    # Each wraps those before it.
    parallel.apply()
    failed_creates.apply()
    end_of_update.apply()
    cleanup.apply()
    interruptions.apply()
    nested_stacks.apply()
    dated_handles.apply()
    answers.apply()
    invocations.apply(settings.speed)
    functions.apply()
    scheduler.apply(ministack_app, settings.speed)
    return answers.wrap(records_endpoint.wrap(ministack_app.app, services))
