import type { EventMetadata, Position } from '@cohort/contracts';

/** For how long, by the time of events, a group remembers the commands that wrote events. */
const MEMORY_MS = 24 * 60 * 60 * 1_000;
/** How many of the last such commands it remembers at least. */
const MEMORY_COMMANDS = 1_000;
/** How many it remembers at most, whatever their age: a day of a very busy group would not fit into memory. */
const MEMORY_MOST_COMMANDS = 250_000;

/** What is needed to give a command's first answer again. */
export interface RememberedCommand {
  readonly hash: string;
  /** Of the last event it wrote. */
  readonly revision: number;
  /** Of the last event of the append that wrote it: a command is seen with its neighbours or not at all. */
  readonly position: Position;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly refused?: EventMetadata['refused'];
}

/**
 * The commands that wrote a group's events, by id, oldest first: 24 hours by event time, and at
 * least the last 1,000, at most the last 250,000. It
 * holds facts only, so that all states of a group share one and add to it.
 */
export class CommandMemory {
  readonly #commands = new Map<string, RememberedCommand>();
  /** Commands of the append whose events are being replayed. */
  #replayed: string[] = [];
  #forgottenUntil = -Infinity;

  constructor(
    private readonly keepMs = MEMORY_MS,
    private readonly keepCommands = MEMORY_COMMANDS,
    private readonly mostCommands = MEMORY_MOST_COMMANDS,
  ) {}

  get size(): number {
    return this.#commands.size;
  }

  /** Event time of the newest command that was forgotten; -Infinity when none was. */
  get forgottenUntil(): number {
    return this.#forgottenUntil;
  }

  find(commandId: string): RememberedCommand | undefined {
    return this.#commands.get(commandId);
  }

  /** Adds a command, or what more it wrote, and forgets what is out of time. */
  remember(commandId: string, command: RememberedCommand): void {
    this.#commands.set(commandId, command);
    this.#forget(command.at - this.keepMs);
  }

  /** The same from one stored event; the events must come in order. */
  replay(commandId: string, command: RememberedCommand, batch: EventMetadata['batch']): void {
    this.remember(commandId, command);
    if (batch.index === 0) this.#replayed = [];
    if (this.#replayed.at(-1) !== commandId) this.#replayed.push(commandId);
    if (batch.index < batch.size - 1) return;
    for (const id of this.#replayed) {
      const earlier = this.#commands.get(id);
      if (earlier) this.#commands.set(id, { ...earlier, position: command.position });
    }
    this.#replayed = [];
  }

  /** Replaces what is remembered of a command by what its stored events say. */
  correct(commandId: string, command: RememberedCommand): void {
    if (this.#commands.has(commandId)) this.#commands.set(commandId, command);
  }

  /** Takes up what a snapshot says was forgotten before it. */
  forgotUntil(at: number): void {
    this.#forgottenUntil = Math.max(this.#forgottenUntil, at);
  }

  /**
   * Whether this command may have been carried out and forgotten since: it has a UUIDv7 that is no younger than a command
   * that was forgotten. An id that says no time can't be told from a new one once it is forgotten.
   */
  mayHaveForgotten(commandId: string): boolean {
    if (this.#forgottenUntil === -Infinity) return false;
    const madeAt = timeOfUuidV7(commandId);
    return madeAt !== undefined && madeAt <= this.#forgottenUntil;
  }

  /** About how many bytes of memory it takes. */
  weigh(): number {
    return this.#commands.size * 320;
  }

  entries(): [string, RememberedCommand][] {
    return [...this.#commands];
  }

  #forget(before: number): void {
    for (const [commandId, { at }] of this.#commands) {
      const old = this.#commands.size > this.keepCommands && at < before;
      if (!old && this.#commands.size <= this.mostCommands) return;
      this.#commands.delete(commandId);
      this.#forgottenUntil = Math.max(this.#forgottenUntil, at);
    }
  }
}

/** The time in a UUIDv7, in milliseconds since 1970; undefined for any other id. */
export function timeOfUuidV7(id: string): number | undefined {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.exec(id);
  return match ? parseInt(match[1]! + match[2]!, 16) : undefined;
}
