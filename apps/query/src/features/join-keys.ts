import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  CohortError,
  GetJoinCode,
  JOIN_CODE_MS,
  joinCodeSecret,
  writeJoinCode,
  type JoinCodeAnswer,
} from '@cohort/contracts';
import { UserKeys } from '@cohort/event-store';
import { ReadModel, type JoinCodeBasis } from '@cohort/read-model';

/** Signs join codes. The first one of a tenant makes the tenant's own key. */
@QueryHandler(GetJoinCode)
class JoinCodeHandler implements IQueryHandler<GetJoinCode, JoinCodeAnswer> {
  constructor(
    private readonly model: ReadModel,
    private readonly keys: UserKeys,
  ) {}

  async execute({ app, groupId, userId, validForMs = JOIN_CODE_MS.default }: GetJoinCode): Promise<JoinCodeAnswer> {
    const basis = this.model.lookups.joinCodeBasis(app, groupId, userId);
    if (userId !== undefined) mustBeAllowedToInvite(userId, basis);
    const { key } = await this.tenantKey(app);
    const createdAt = Date.now();
    const expiresAt = createdAt + validForMs;
    const by = userId === undefined ? {} : { by: userId };
    return {
      groupId,
      code: writeJoinCode({ groupId, key: basis.key, createdAt, expiresAt, ...by }, joinCodeSecret(key)),
      createdAt: new Date(createdAt).toISOString(),
      expiresAt: new Date(expiresAt).toISOString(),
    };
  }

  private async tenantKey(app: string) {
    try {
      return await this.keys.forSealing(app, '');
    } catch {
      throw new CohortError('UNAVAILABLE', 'The event store is not available; nothing was done, try again later.');
    }
  }
}

function mustBeAllowedToInvite(userId: string, { role, membersMayInvite }: JoinCodeBasis): void {
  if (role === undefined) {
    throw new CohortError('NOT_A_MEMBER', `User ${userId} is not a member of the group.`, { userId });
  }
  if (role === 'member' && !membersMayInvite) {
    throw new CohortError('ADMIN_ONLY', 'Only the owner and the admins of the group may share its join codes.');
  }
}

export const joinKeys = { joinCode: JoinCodeHandler };
