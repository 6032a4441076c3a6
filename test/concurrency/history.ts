import { isDeepStrictEqual } from 'node:util';
import {
  comparePositions,
  type ErrorCode,
  type EventMetadata,
  type GroupCommand,
  type GroupCommandAnswer,
  type GroupEvent,
  type QueryAnswers,
  TENANT_DEFAULTS,
  type TenantRules,
} from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import { decide, evolve, initialState, type DecideContext, type Decision, type GroupState } from '@cohort/group';
import { membersOf } from '@cohort/group/testing';
import { APP, type PlannedCommand } from '../faults/plan';

/** A command that was sent, and its answer. */
export interface Attempt {
  readonly command: PlannedCommand;
  /** Ticks of one clock for all attempts. */
  readonly begun: number;
  readonly ended: number;
  readonly told: GroupCommandAnswer | ErrorCode;
}

/** All members of a group on one page, returned by a query node after the revision `told` had been returned to a caller. */
export interface Look {
  readonly told: number;
  readonly answer: QueryAnswers['members'];
}

/** The events of a command, and the revisions of the first and the last. */
interface Write {
  readonly from: number;
  to: number;
  readonly events: GroupEvent[];
}

/** As the app `demo` decides. */
const CONTEXT: TenantRules = TENANT_DEFAULTS;

/**
 * Compares one group's events with the domain and with the answers that callers got. There must be one order of all
 * commands, that of the log. In this order each event must follow from its command at its place, and each answer from its
 * command at one revision between the request and the answer.
 */
export class History {
  /** The violations that were found. */
  readonly wrong: string[] = [];
  /** The group after each revision. */
  readonly states: GroupState[] = [];
  private readonly context: Omit<DecideContext, 'at'>;
  private readonly commands = new Map<string, PlannedCommand>();
  private readonly firstBegun = new Map<string, number>();
  private readonly writes = new Map<string, Write>();
  /** Revisions that end an append: only they may be read. */
  private readonly ends = new Set<string>();

  constructor(
    private readonly log: readonly StoredEvent[],
    private readonly attempts: readonly Attempt[],
  ) {
    const { numericId = '' } = (log[0]?.data ?? {}) as { numericId?: string };
    this.context = { ...CONTEXT, numericId };
    for (const { command, begun } of attempts) {
      const { commandId } = command.data;
      this.commands.set(commandId, command);
      this.firstBegun.set(commandId, Math.min(begun, this.firstBegun.get(commandId) ?? begun));
    }
    this.readLog();
    this.checkWrites();
    for (const attempt of attempts) this.checkAnswer(attempt);
  }

  /** The answers of query nodes that differ from the group at the revision that they name. */
  untrue(looks: readonly Look[]): string[] {
    return looks.flatMap(({ told, answer: { members, total, revision } }) => {
      const there = members.map(({ userId, role }) => `${userId} ${role}`).join();
      const wanted = membersWithRoles(this.after(Number(revision))).join();
      const isRead = this.ends.has(revision) && Number(revision) >= told;
      if (isRead && total === members.length && there === wanted) return [];
      return [`at revision ${revision}, after ${told}, ${total} members: ${there} in place of ${wanted}`];
    });
  }

  private readLog(): void {
    let last: EventMetadata | undefined;
    for (const [i, { stream, revision, type, data, metadata }] of this.log.entries()) {
      const written = metadata as unknown as EventMetadata;
      const { app, at, batch, commandId } = written;
      const event = { type, data } as GroupEvent;
      const goesOn = last !== undefined && last.batch.index + 1 < last.batch.size;
      const place = goesOn ? { index: last!.batch.index + 1, size: last!.batch.size } : { index: 0, size: batch.size };
      if (revision !== i) this.fault(`${stream} has revision ${revision} in place of ${i}`);
      if (!isDeepStrictEqual(batch, place)) this.fault(`revision ${i} is ${JSON.stringify(batch)} of its append`);
      if (last && at < last.at) this.fault(`revision ${i} is older than the one before it`);
      if (app !== APP) this.fault(`revision ${i} is of the app ${app}`);
      if (batch.index + 1 === batch.size) this.ends.add(String(i));
      last = written;

      this.states.push(evolve(this.after(i - 1), event));
      const write = this.writes.get(commandId);
      if (write === undefined) this.writes.set(commandId, { from: i, to: i, events: [event] });
      else if (write.to === i - 1) write.to = write.from + write.events.push(event) - 1;
      else this.fault(`revision ${i} is of ${commandId}, which has written before`);
    }
  }

  /** Each event is what its command means at its place, and its actor the command's. */
  private checkWrites(): void {
    for (const [commandId, { from, events }] of this.writes) {
      const { actor } = this.log[from]!.metadata as unknown as EventMetadata;
      const command = this.commands.get(commandId);
      if (command) {
        const decision = this.decideAfter(from - 1, command);
        const isMeant = decision.ok && isDeepStrictEqual(decision.events, events);
        if (!isMeant) this.fault(`revision ${from} is not what ${commandId} means there`);
        if (!isDeepStrictEqual(actor, command.data.actor))
          this.fault(`revision ${from} is by ${JSON.stringify(actor)}`);
      } else if (actor.type !== 'service' || !events.some(({ data }) => 'sync' in data)) {
        this.fault(`revision ${from} is of ${commandId}, which nobody sent`);
      }
    }
  }

  private checkAnswer({ command, begun, ended, told }: Attempt): void {
    const { commandId } = command.data;
    const fault = (text: string) => this.fault(`${command.name} ${commandId} ${text}`);
    const write = this.writes.get(commandId);

    // Commands answered before this one was sent are before it; commands sent after its answer are after it.
    let floor = -1;
    let first: GroupCommandAnswer | undefined;
    for (const other of this.attempts) {
      if (other.ended >= begun || typeof other.told === 'string') continue;
      floor = Math.max(floor, Number(other.told.revision));
      if (other.command.data.commandId === commandId && Number(other.told.revision) === write?.to) first = other.told;
    }
    let ceiling = this.log.length - 1;
    for (const [id, { from }] of this.writes) {
      if ((this.firstBegun.get(id) ?? 0) > ended) ceiling = Math.min(ceiling, from - 1);
    }

    if (first && !this.isSame(first, told)) fault('was answered in another way than first');
    if (typeof told === 'string') {
      const end = Math.min(ceiling, write ? write.from - 1 : ceiling);
      if (!this.wasRefused(command, told, floor, end)) fault(`was told ${told}, which was so at no time`);
      return;
    }
    const revision = Number(told.revision);
    const own = write?.to === revision ? write : undefined;
    const decision = this.decideAfter(own ? own.from - 1 : revision, command);
    if (!decision.ok || !isDeepStrictEqual(decision.results, told.results))
      fault('was given other results than it had');
    if (own) {
      const isFirst = begun === this.firstBegun.get(commandId);
      if (isFirst && own.from <= floor) fault(`was written at ${own.from}, when ${floor} was told already`);
    } else {
      if (decision.ok && decision.events.length > 0) fault(`was answered at ${revision}, and is not there`);
      if (revision < floor || revision > ceiling) fault(`was answered at ${revision}, not in ${floor} to ${ceiling}`);
      if (revision > (write?.to ?? Infinity)) fault('was decided once more after it had been written');
    }
  }

  /** Which of the positions from which it can be read was named says nothing about what was done. */
  private isSame(first: GroupCommandAnswer, told: Attempt['told']): boolean {
    if (typeof told === 'string') return false;
    const { position } = this.log[Number(first.revision)]!;
    const isReadable = comparePositions(told.position, position) >= 0;
    return isReadable && isDeepStrictEqual({ ...told, position }, { ...first, position });
  }

  private wasRefused(command: PlannedCommand, code: ErrorCode, from: number, to: number): boolean {
    for (let revision = from; revision <= to; revision++) {
      const decision = this.decideAfter(revision, command);
      if (!decision.ok && decision.error.code === code) return true;
    }
    return false;
  }

  private decideAfter(revision: number, { name, data }: PlannedCommand): Decision {
    const { expectedRevision } = data;
    if (expectedRevision !== undefined && Number(expectedRevision) !== revision) {
      return { ok: false, error: { code: 'CONCURRENCY_CONFLICT', message: `It is ${revision}.` } };
    }
    return decide({ type: name, data } as GroupCommand, this.after(revision), {
      ...this.context,
      at: this.timeAfter(revision),
    });
  }

  /** The time at which the event after the revision was written, or else its own. */
  private timeAfter(revision: number): number {
    const { metadata } = this.log[revision + 1] ?? this.log.at(-1) ?? {};
    return metadata ? Date.parse((metadata as unknown as EventMetadata).at) : 0;
  }

  private after(revision: number): GroupState {
    return this.states[revision] ?? initialState;
  }

  private fault(text: string): void {
    this.wrong.push(text);
  }
}

/** Members as the query `members` lists them: in the order of joining. */
const membersWithRoles = (state: GroupState): string[] =>
  membersOf(state).map(({ userId, role }) => `${userId} ${role}`);
