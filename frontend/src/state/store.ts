// Holds the state and tells who reads it, once a frame however often it changed.

import { areSame } from "../base/lists";
import { initialState, type State, type View } from "./state";

export class Store {
  readonly #shared: { state: State; asked: boolean; readonly listeners: ((state: State) => void)[] };
  readonly #page: View["page"] | null;

  constructor(whole?: Store, page: View["page"] | null = null) {
    // As if asked already: nothing is told before the first flush.
    this.#shared = whole ? whole.#shared : { state: initialState, asked: true, listeners: [] };
    this.#page = page;
  }

  /** The same store for the views of one page: they rest while another is shown. */
  onPage(page: View["page"]): Store {
    return new Store(this, page);
  }

  get state(): State {
    return this.#shared.state;
  }

  update(change: Partial<State>): void {
    this.#shared.state = { ...this.#shared.state, ...change };
    if (this.#shared.asked) return;
    this.#shared.asked = true;
    requestAnimationFrame(() => this.flush());
  }

  /** Tell of what has changed now, not with the next frame; for the first time, of what there is. */
  flush(): void {
    if (!this.#shared.asked) return;
    this.#shared.asked = false;
    this.#tell();
  }

  /** What `read` gives while the page has a change that is never seen: nothing is painted in between. */
  during<Result>(change: Partial<State>, read: () => Result): Result {
    const before = this.#shared.state;
    const set = (from: Partial<State>): void => {
      for (const key of Object.keys(change) as (keyof State)[]) this.#shared.state = { ...this.#shared.state, [key]: from[key] };
      this.#tell();
    };
    try {
      set(change);
      return read();
    } finally {
      set(before);
    }
  }

  #tell(): void {
    for (const listener of this.#shared.listeners) listener(this.#shared.state);
  }

  /** Call `render` whenever one of the `inputs` is another. */
  watch(inputs: (state: State) => readonly unknown[], render: (state: State) => void): void {
    let last: readonly unknown[] | null = null;
    this.#shared.listeners.push((state) => {
      if (this.#page && state.page !== this.#page) return;
      const next = inputs(state);
      if (last && areSame(next, last)) return;
      last = next;
      render(state);
    });
  }

  /** Call `make` when `wanted` holds for the first time: what many visits do without need not be there at once. */
  once(wanted: (state: State) => boolean, make: () => void): void {
    let made = false;
    this.watch(
      (state) => [wanted(state)],
      (state) => {
        if (made || !wanted(state)) return;
        made = true;
        make();
      },
    );
  }
}

/** The last result again, while the arguments are the same. */
export function memo<Arguments extends readonly unknown[], Result>(
  compute: (...given: Arguments) => Result,
): (...given: Arguments) => Result {
  let last: { given: Arguments; result: Result } | null = null;
  return (...given) => {
    if (!last || !areSame(given, last.given)) last = { given, result: compute(...given) };
    return last.result;
  };
}

/** A selector that is computed again only when one of its inputs is another. */
export function derive<Result>(
  inputs: (state: State) => readonly unknown[],
  compute: (state: State) => Result,
): (state: State) => Result {
  let latest = initialState;
  const remembered = memo((..._: readonly unknown[]) => compute(latest));
  return (state) => {
    latest = state;
    return remembered(...inputs(state));
  };
}
