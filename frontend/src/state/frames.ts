// Paints what has changed: once a frame, however many parts of the state changed and however often.

import { effect, signal, untracked } from "@preact/signals-core";
import { type State, update, type View } from "./state";

/** Paint now, and again in the next frame after anything that `render` has read is another. */
export type Paint = (render: () => void) => void;

interface Job {
  /** Views are painted in the order in which they were made. */
  readonly order: number;
  readonly page: View["page"] | null;
  run(): void;
}

export class Frames {
  readonly #state: State;
  readonly #due = new Set<Job>();
  #count = 0;
  /** Nothing is painted before the first flush. */
  #isStarted = false;
  #isRequested = false;

  constructor(state: State) {
    this.#state = state;
    // Another page: what has changed of it while it rested is due.
    effect(() => {
      if (state.page) this.#request();
    });
  }

  /** For the views of one page, which rest while another is shown; without a page for those of all. */
  paintOn(page: View["page"] | null): Paint {
    return (render) => {
      const turn = signal(0);
      let isTurn = false;
      const job: Job = {
        order: this.#count++,
        page,
        run: () => {
          isTurn = true;
          turn.value++;
        },
      };
      // A change ends the reading of all but the turn: nothing more happens until the next frame.
      effect(() => {
        if (turn.value && isTurn) {
          isTurn = false;
          render();
        } else {
          this.#due.add(job);
          this.#request();
        }
      });
    };
  }

  /** Paint now what is due, not with the next frame. */
  flush(): void {
    this.#isStarted = true;
    this.#isRequested = false;
    const done = new Set<Job>();
    for (let job = this.#next(done); job; job = this.#next(done)) {
      this.#due.delete(job);
      done.add(job);
      job.run();
    }
  }

  /** The result of `read` with a change that nobody sees: no frame ends in between. */
  during<Result>(change: Partial<State>, read: () => Result): Result {
    const before = Object.fromEntries(
      Object.keys(change).map((key) => [key, this.#state[key as keyof State]]),
    ) as Partial<State>;
    try {
      update(this.#state, change);
      this.flush();
      return read();
    } finally {
      update(this.#state, before);
      this.flush();
    }
  }

  /** The first that is due, once a flush each. */
  #next(done: ReadonlySet<Job>): Job | null {
    const page = untracked(() => this.#state.page);
    let first: Job | null = null;
    for (const job of this.#due)
      if ((job.page === null || job.page === page) && !done.has(job) && (!first || job.order < first.order))
        first = job;
    return first;
  }

  #request(): void {
    if (!this.#isStarted || this.#isRequested) return;
    this.#isRequested = true;
    requestAnimationFrame(() => this.flush());
  }
}
