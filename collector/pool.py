"""Worker threads for calls that make further calls.

A job (a list call) makes tasks (the follow-ups of one item). Tasks go before jobs, and a job
that finds the queue full does its task itself: memory stays bounded and nobody waits for a
worker that waits for him.

A worker that only waits (for a rate limit, for AWS to finish a report) is stood in for, so that
one slow service does not hold up the others. Tasks come from their groups (a service in a
region) in turn, and those of a group in which somebody waits come last: they would wait too.
"""

from __future__ import annotations

import contextvars
import threading
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable

Task = Callable[[], None]


class StoppedError(BaseException):
    """Work was asked to stop: what is under way ends here, as if it had never begun.

    It is no Exception, so that nobody takes it for a call's trouble.
    """


_STAND_INS = 3
"""So many for each worker at most."""


class WorkerPool:
    """``workers`` threads; :meth:`run` returns when all jobs and their tasks are done."""

    def __init__(self, workers: int, waiting_tasks: int = 2000) -> None:
        self._workers = workers
        self._room = waiting_tasks
        self._jobs: deque[Task] = deque()
        self._tasks: dict[Hashable, deque[Task]] = {}
        self._queued = 0
        self._held: Counter[Hashable] = Counter()
        self._own = threading.local()
        self._busy = 0
        self._waiting = 0
        self._stand_ins = 0
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._problem: BaseException | None = None

    @property
    def stopped(self) -> bool:
        """Whether work was asked to stop."""
        return self._stopped.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep, but wake when work is asked to stop; whether it was.

        Another thread works meanwhile.
        """
        if seconds <= 0:
            return self.stopped
        group = getattr(self._own, "group", None)
        with self._changed:
            self._waiting += 1
            self._held[group] += 1
            wanted = self._threads and self._stand_ins < self._waiting
            if wanted and self._stand_ins < _STAND_INS * self._workers:
                self._stand_ins += 1
                self._started(self._stand_in)
        try:
            return self._stopped.wait(seconds)
        finally:
            with self._changed:
                self._waiting -= 1
                self._held[group] -= 1

    def wait_or_stop(self, seconds: float) -> bool:
        """Sleep; always false.

        Raises:
            StoppedError: work was asked to stop.
        """
        if self.wait(seconds):
            raise StoppedError
        return False

    def add_next(self, jobs: Iterable[Task]) -> None:
        """Queue jobs before all others that have not begun."""
        with self._changed:
            self._jobs.extendleft(reversed(list(jobs)))
            self._changed.notify_all()

    def add_job(self, job: Task) -> None:
        """Queue a job behind all others."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify()

    def add_task(self, task: Task, group: Hashable = "") -> None:
        """Queue a task before all jobs, or do it here when there is no room.

        Args:
            task: what is to be done.
            group: tasks that wait for the same things.
        """
        context = contextvars.copy_context()
        with self._changed:
            if self._queued < self._room:
                self._queued += 1
                self._tasks.setdefault(group, deque()).append(lambda: context.run(task))
                self._changed.notify()
                return
        task()

    def stop(self) -> None:
        """Begin nothing new; what is running ends."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()

    def run(self) -> None:
        """Work until everything is done or stopped.

        Raises:
            BaseException: the first problem that a job or task did not handle itself, or the
                KeyboardInterrupt of the calling thread, after the running calls have ended.
        """
        with self._changed:
            for _ in range(self._workers):
                self._started(self._work)
        try:
            # Stand-ins join the list while it is walked.
            for thread in self._threads:
                # A join without a timeout cannot be interrupted on every platform.
                while thread.is_alive():
                    thread.join(0.2)
        except BaseException:
            self.stop()
            for thread in self._threads:
                thread.join()
            raise
        finally:
            self._threads = []
        if self._problem is not None:
            raise self._problem

    def _next(self) -> Task | None:
        with self._changed:
            while not self._stopped.is_set():
                found = self._task(held=False) or self._job() or self._task(held=True)
                if found:
                    self._busy += 1
                    return found
                if not self._busy:
                    self._changed.notify_all()
                    return None
                self._changed.wait()
            return None

    def _job(self) -> Task | None:
        self._own.group = None
        return self._jobs.popleft() if self._jobs else None

    def _task(self, held: bool) -> Task | None:
        """A task of the group whose turn it is, of those where somebody waits or does not."""
        group = next((g for g in self._tasks if (self._held[g] > 0) is held), None)
        if group is None:
            return None
        tasks = self._tasks.pop(group)
        task = tasks.popleft()
        if tasks:
            self._tasks[group] = tasks
        self._own.group = group
        self._queued -= 1
        return task

    def _started(self, work: Task) -> None:
        name = f"collect-{len(self._threads)}"
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            self._do(task)

    def _stand_in(self) -> None:
        """Work as long as more workers wait than are stood in for."""
        while (task := self._next()) is not None:
            self._do(task)
            with self._changed:
                if self._stand_ins > self._waiting:
                    break
        with self._changed:
            self._stand_ins -= 1

    def _do(self, task: Task) -> None:
        try:
            task()
        except BaseException as problem:
            with self._changed:
                self._problem = self._problem or problem
            self.stop()
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()
