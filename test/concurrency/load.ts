import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { CohortClient } from '@cohort/client';
import {
  CohortError,
  commandSubject,
  type ErrorCode,
  type GroupCommandAnswer,
  type SyncedGroup,
  type SyncUserAnswer,
} from '@cohort/contracts';
import { connect, createInbox, type NatsConnection } from 'nats';
import type { Journal } from '../faults/journal';
import { APP, SERVICE, type PlannedCommand } from '../faults/plan';
import type { Attempt, Look } from './history';
import type { PlannedSync, Sending } from './plan';

/** These codes don't reject the command; it is sent again. */
const NOT_NOW: ReadonlySet<ErrorCode> = new Set(['OVERLOADED', 'DEADLINE_EXCEEDED', 'OUTCOME_UNKNOWN', 'UNAVAILABLE']);
/** Long, because many calls share few processors. */
const TIMEOUT_MS = 30_000;
const LOOK_EVERY_MS = 10;

/** Callers on two connections, with their commands and the answers that they got. */
export class Load {
  readonly attempts: Attempt[] = [];
  readonly looks: Look[] = [];
  /** Of each group, the answer with the highest revision. */
  private readonly newest = new Map<string, GroupCommandAnswer>();
  private clock = 0;
  private turn = 0;

  private constructor(
    private readonly connections: readonly [NatsConnection, NatsConnection],
    readonly clients: readonly [CohortClient, CohortClient],
    private readonly journal: Journal,
  ) {}

  static async over(servers: string, journal: Journal): Promise<Load> {
    const connections = await Promise.all([connect({ servers }), connect({ servers })]);
    const [one, two] = connections;
    return new Load(connections, [CohortClient.over(one), CohortClient.over(two)], journal);
  }

  async close(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()));
  }

  /** Sends all at the same time. */
  async burst(sendings: readonly Sending[]): Promise<void> {
    await Promise.all(sendings.map((sending) => this.run(sending)));
  }

  /** Sends from this many callers at the same time, one command after another each. */
  async flow(sendings: readonly Sending[], callers: number): Promise<void> {
    const left = [...sendings].reverse();
    const caller = async () => {
      for (let next = left.pop(); next; next = left.pop()) await this.run(next);
    };
    await Promise.all(Array.from({ length: callers }, caller));
  }

  async run({ command, how }: Sending): Promise<void> {
    const [one, two] = this.turn++ % 2 === 0 ? [0, 1] : [1, 0];
    if (how === 'abandoned') {
      const { name, data } = command;
      this.connections[two]!.publish(commandSubject(name), JSON.stringify(data), { reply: createInbox() });
    }
    const attempts = how === 'twice' ? [this.send(command, one), this.send(command, two)] : [this.send(command, one)];
    await Promise.all(attempts);
    if (how === 'again') await this.send(command, two);
  }

  /**
   * Requests several syncs of one user at the same time. The one with the highest number must take effect, except for
   * groups that are dismissed meanwhile.
   */
  async sync(userId: string, syncs: readonly PlannedSync[], ending: readonly string[] = []): Promise<void> {
    const data = (commandId: string, groups: SyncedGroup[]) => ({
      app: APP,
      actor: SERVICE,
      commandId,
      userId,
      groups,
    });
    const asked = await Promise.all(
      syncs
        .flatMap((sync) => (sync.twice ? [sync, sync] : [sync]))
        .map(async ({ commandId, groups }, i) => {
          const client = this.clients[i % 2]!;
          const answer = await client.command('syncUser', data(commandId, groups), { timeoutMs: TIMEOUT_MS });
          return { commandId, groups, answer };
        }),
    );
    const first = new Map<string, SyncUserAnswer>();
    for (const { commandId, groups, answer } of asked) {
      const last = this.journal.synced.get(userId);
      const lasting = groups.filter(({ groupId }) => !ending.includes(groupId));
      if (answer.sync >= (last?.sync ?? -1)) this.journal.synced.set(userId, { groups: lasting, sync: answer.sync });
      // Else it held already, which isn't remembered.
      if (answer.revision !== String(answer.sync)) continue;
      if (!isDeepStrictEqual(first.get(commandId) ?? answer, answer)) {
        this.journal.violation(
          `sync ${commandId} was taken down twice: ${JSON.stringify([first.get(commandId), answer])}`,
        );
      }
      first.set(commandId, answer);
    }
  }

  /** Queries the members of a group repeatedly, each time with the newest answer's position, until it is stopped. */
  watch(groupId: string): () => Promise<void> {
    let stopped = false;
    const watching = this.clients.map(async (client) => {
      for (; !stopped; await delay(LOOK_EVERY_MS)) {
        const { revision: told, position: after } = this.newest.get(groupId)!;
        const asked = { app: APP, groupId, after, limit: 1_000 };
        try {
          const answer = await client.query('members', asked, { timeoutMs: TIMEOUT_MS });
          this.looks.push({ told: Number(told), answer });
        } catch (error) {
          // Many events were written at the same time.
          if (!(error instanceof CohortError && error.code === 'READ_MODEL_BEHIND')) throw error;
        }
      }
    });
    return async () => {
      stopped = true;
      await Promise.all(watching);
    };
  }

  private async send(command: PlannedCommand, connection: number): Promise<void> {
    const begun = this.clock++;
    for (;;) {
      try {
        const client = this.clients[connection]!;
        const told = await client.command(command.name, command.data, { timeoutMs: TIMEOUT_MS });
        this.attempts.push({ command, begun, ended: this.clock++, told });
        this.journal.acknowledged.push({ command, answer: told });
        const newest = this.newest.get(told.groupId);
        if (!newest || Number(newest.revision) < Number(told.revision)) this.newest.set(told.groupId, told);
        return;
      } catch (error) {
        if (!(error instanceof CohortError)) throw error;
        if (NOT_NOW.has(error.code)) continue;
        this.attempts.push({ command, begun, ended: this.clock++, told: error.code });
        return;
      }
    }
  }
}
