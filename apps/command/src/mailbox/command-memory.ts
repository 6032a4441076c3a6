import type { EventMetadata, Position } from '@cohort/contracts';

/** Time, in event time, for which a group remembers the commands that wrote events. */
const MEMORY_MS = 24 * 60 * 60 * 1_000;
/** The least number of the last such commands that it remembers. */
const MEMORY_COMMANDS = 1_000;
/** Most commands that it remembers, even if they are recent: a day of a very busy group would not fit into memory. */
const MEMORY_MOST_COMMANDS = 250_000;

/** What a command's first answer is made of when it is repeated. */
export interface RememberedCommand {
  readonly hash: string;
  /** Of the last event it wrote. */
  readonly revision: number;
  /** Of the last event of the append that wrote it, whose commands become visible together. */
  readonly position: Position;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly refused?: EventMetadata['refused'];
  readonly made?: EventMetadata['made'];
}

/**
 * The commands that wrote a stream's events, by id, oldest first. It keeps 24 hours of event time, at least the last 1,000
 * commands and at most the last 250,000. It holds facts only, so all states of a stream share one and add to it.
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

  /** Event time of the newest command that was forgotten; -Infinity if none was. */
  get forgottenUntil(): number {
    return this.#forgottenUntil;
  }

  find(commandId: string): RememberedCommand | undefined {
    return this.#commands.get(commandId);
  }

  /** Adds a command, or further events of it, and forgets what is too old. */
  remember(commandId: string, command: RememberedCommand): void {
    this.#commands.set(commandId, command);
    this.#forget(command.at - this.keepMs);
  }

  /** Adds a command from one of its stored events. Events must come in order. */
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

  /** Replaces a remembered command by what its stored events contain. */
  correct(commandId: string, command: RememberedCommand): void {
    if (this.#commands.has(commandId)) this.#commands.set(commandId, command);
  }

  /** Adds what was forgotten before a snapshot. */
  forgotUntil(at: number): void {
    this.#forgottenUntil = Math.max(this.#forgottenUntil, at);
  }

  /**
   * Whether this command may have been carried out and then forgotten: its id is a UUIDv7 that is as old as the newest
   * forgotten command, or older. Any other forgotten id can't be distinguished from a new one.
   */
  mayHaveForgotten(commandId: string): boolean {
    if (this.#forgottenUntil === -Infinity) return false;
    const madeAt = timeOfUuidV7(commandId);
    return madeAt !== undefined && madeAt <= this.#forgottenUntil;
  }

  /** Approximate bytes of memory. */
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
