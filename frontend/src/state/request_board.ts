// Keeps track of requests: which are answered, which are on their way, and which failed.
//
// A slot holds one thing: the shown run's histograms, or one run's row of the
// table. It is requested again only with another subject or another revision;
// a failure is kept until `retry`. Answers may come in any order:
//  - one about another subject than the slot has by now is dropped;
//  - one never takes the place of the answer to a later request;
//  - `merge` is called with an answer that has arrived, so that what it reads
//    of the state is what there is then, not what there was at the request.

import { batch, signal, untracked } from "@preact/signals-core";

/** A run, or anything else with a name of which there are revisions. */
export interface Item {
  readonly name: string;
  readonly revision: string;
}

interface Slot {
  readonly part: string;
  readonly subject: string;
  /** null after a failure that is to be tried again. */
  revision: string | null;
  /** Numbers of the last request, and of that whose answer is here. */
  requested: number;
  answered: number;
  failure: string | null;
}

export class RequestBoard {
  readonly #slots = new Map<string, Slot>();
  readonly #report: (failures: ReadonlyMap<string, string>) => void;
  /** An effect that calls `want` runs again after `retry`. */
  readonly #retries = signal(0);
  #requests = 0;
  #reported = "";

  /** Calls `report` with the parts that failed and their sentences, whenever these change. */
  constructor(report: (failures: ReadonlyMap<string, string>) => void) {
    this.#report = report;
  }

  /** The one thing of a part. Resolves when the answer has been merged, or the failure reported. */
  want<Answer>(
    part: string,
    subject: string,
    revision: string,
    fetch: () => Promise<Answer>,
    merge: (answer: Answer) => void,
  ): Promise<void> {
    return this.#want(
      part,
      subject,
      [{ name: "", revision }],
      async () => new Map([["", await fetch()]]),
      (answers) => merge(answers.get("")!),
    );
  }

  /** A thing of each item: those that are new, or in a new revision, in one go. */
  wantEach<Answer>(
    part: string,
    subject: string,
    items: readonly Item[],
    fetch: (names: readonly string[]) => Promise<ReadonlyMap<string, Answer>>,
    merge: (answers: ReadonlyMap<string, Answer>) => void,
  ): Promise<void> {
    const names = new Set(items.map(({ name }) => name));
    untracked(() => this.forgetFailures(part, (name) => !names.has(name)));
    return this.#want(part, subject, items, fetch, merge);
  }

  /** Note a thing that came with the answer to another request. */
  fill(part: string, subject: string, { name, revision }: Item): void {
    const number = ++this.#requests;
    this.#slots.set(slotKey(part, name), {
      part,
      subject,
      revision,
      requested: number,
      answered: number,
      failure: null,
    });
  }

  /** Everything that failed is requested again, if it is still needed. */
  retry(): void {
    for (const slot of this.#slots.values()) if (slot.failure !== null) slot.revision = null;
    this.#retries.value++;
  }

  /** Drop the failures of things that nobody needs any more. */
  forgetFailures(part: string, isOver: (name: string) => boolean = () => true): void {
    for (const [key, slot] of this.#slots)
      if (slot.part === part && slot.failure !== null && isOver(key.slice(part.length + 1))) this.#slots.delete(key);
    this.#reportFailures();
  }

  #want<Answer>(
    part: string,
    subject: string,
    items: readonly Item[],
    fetch: (names: readonly string[]) => Promise<ReadonlyMap<string, Answer>>,
    merge: (answers: ReadonlyMap<string, Answer>) => void,
  ): Promise<void> {
    void this.#retries.value;
    const missing = items.filter(({ name, revision }) => {
      const slot = this.#slots.get(slotKey(part, name));
      return slot?.subject !== subject || slot.revision !== revision;
    });
    if (!missing.length) return Promise.resolve();
    const number = ++this.#requests;
    const slots = new Map(
      missing.map(({ name, revision }) => [name, this.#slot(part, subject, name, revision, number)]),
    );
    return untracked(() => this.#fetch(slots, number, () => fetch([...slots.keys()]), merge));
  }

  #slot(part: string, subject: string, name: string, revision: string, number: number): Slot {
    const key = slotKey(part, name);
    const known = this.#slots.get(key);
    const slot =
      known?.subject === subject ? known : { part, subject, revision, requested: number, answered: 0, failure: null };
    slot.revision = revision;
    slot.requested = number;
    this.#slots.set(key, slot);
    return slot;
  }

  async #fetch<Answer>(
    slots: ReadonlyMap<string, Slot>,
    number: number,
    fetch: () => Promise<ReadonlyMap<string, Answer>>,
    merge: (answers: ReadonlyMap<string, Answer>) => void,
  ): Promise<void> {
    let answers: ReadonlyMap<string, Answer> | null = null;
    let failure: string | null = null;
    try {
      answers = await fetch();
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    const current = [...slots].filter(
      ([name, slot]) => this.#slots.get(slotKey(slot.part, name)) === slot && slot.answered < number,
    );
    for (const [, slot] of current) {
      if (slot.requested === number) slot.failure = failure;
      if (answers) slot.answered = number;
    }
    const merged = new Map(
      current.flatMap(([name]) => (answers?.has(name) ? [[name, answers.get(name)!] as const] : [])),
    );
    batch(() => {
      if (merged.size) merge(merged);
      this.#reportFailures();
    });
  }

  #reportFailures(): void {
    const failures = new Map<string, string>();
    for (const { part, failure } of this.#slots.values()) if (failure !== null) failures.set(part, failure);
    const text = JSON.stringify([...failures]);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#report(failures);
  }
}

function slotKey(part: string, name: string): string {
  return `${part}\n${name}`;
}
