import type { CallOptions } from '@cohort/client';
import type {
  Actor,
  CommandAnswer,
  CommandData,
  CommandName,
  QueryAnswers,
  QueryData,
  QueryName,
} from '@cohort/contracts';
import { NO_FILES, type TenantFiles } from './files/tenant-files';
import type { GroupService } from './group-service';

/** Sends commands and queries for one tenant, in one actor's name. */
export class Caller {
  constructor(
    readonly service: GroupService,
    private readonly tenantId: string,
    private readonly actor: Actor,
    /** The bytes of the tenant's files. */
    readonly files: TenantFiles = NO_FILES,
  ) {}

  command<N extends CommandName>(name: N, data: Omit<CommandData<N>, 'app' | 'actor'>): Promise<CommandAnswer<N>> {
    return this.service.command(name, { ...data, app: this.tenantId, actor: this.actor } as CommandData<N>);
  }

  query<N extends QueryName>(
    name: N,
    data: Omit<QueryData<N>, 'app'>,
    options?: CallOptions,
  ): Promise<QueryAnswers[N]> {
    return this.service.query(name, { ...data, app: this.tenantId } as QueryData<N>, options);
  }

  /** Whether the tenant has this user. Throws `UNAVAILABLE` if its user directory gives no answer. */
  isKnown(userId: string): Promise<boolean> {
    return this.service.isKnown(this.tenantId, userId);
  }

  /** The same tenant in another actor's name. */
  by(actor: Actor): Caller {
    return new Caller(this.service, this.tenantId, actor, this.files);
  }
}
