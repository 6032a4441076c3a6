import { CohortClient } from '@cohort/client';
import { service } from '@cohort/contracts/testing';
import type {
  CommandAnswer,
  CommandData,
  CommandName,
  EventView,
  QueryAnswers,
  QueryData,
  QueryName,
} from '@cohort/contracts';
import { fresh } from './fresh';

export { fresh };
export const users = (count: number, prefix = 'u'): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** The users that an event names as members. */
export const namedIn = ({ data }: EventView): string[] =>
  'members' in data ? data.members.map(({ userId }) => userId) : [];

/** Asks so often that both of two nodes are almost surely among those that answer. */
export const onBothNodes = <T>(ask: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 12 }, ask));

export type CommandFields<N extends CommandName> = Omit<CommandData<N>, 'app' | 'actor'> &
  Partial<Pick<CommandData<N>, 'actor'>>;

/** A caller of one tenant. */
export class TenantClient {
  private constructor(
    readonly app: string,
    readonly client: CohortClient,
  ) {}

  static async connect(natsUrl: string, app: string): Promise<TenantClient> {
    return TenantClient.over(await CohortClient.connect({ servers: natsUrl, reconnectTimeWait: 50 }), app);
  }
  static over(client: CohortClient, app: string): TenantClient {
    return new TenantClient(app, client);
  }

  /** Sends a command, by a service unless `actor` says otherwise. */
  run<N extends CommandName>(name: N, fields: CommandFields<N>): Promise<CommandAnswer<N>> {
    return this.client.command(name, { app: this.app, actor: service, ...fields } as unknown as CommandData<N>);
  }

  query<N extends QueryName>(name: N, fields: Omit<QueryData<N>, 'app'>): Promise<QueryAnswers[N]> {
    return this.client.query(name, { app: this.app, ...fields } as QueryData<N>);
  }

  /** Makes a group that `o` owns. */
  async newGroup(over: Partial<CommandData<'create'>> = {}): Promise<string> {
    const { groupId } = await this.run('create', { groupId: fresh('g'), name: 'Sales', owner: 'o', ...over });
    return groupId;
  }

  /** All events of a group from a revision on, as the query `events` returns them. */
  async eventsOf(groupId: string, fromRevision = '0'): Promise<EventView[]> {
    const events: EventView[] = [];
    for (let from: string | undefined = fromRevision; from !== undefined;) {
      const page: QueryAnswers['events'] = await this.query('events', { groupId, fromRevision: from, limit: 1_000 });
      events.push(...page.events);
      from = page.nextRevision;
    }
    return events;
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
