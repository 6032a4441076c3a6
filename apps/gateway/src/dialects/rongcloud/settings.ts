import { LIMITS } from '@cohort/contracts';
import { IsBoolean, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsCount, IsKey, IsSecret } from '../../dialect/settings';

/** Keys and limits of a tenant. */
export class RongCloudSettings {
  @IsKey()
  appKey!: string;

  @IsSecret()
  appSecret!: string;

  /** Is valid, too, while callers change from one secret to the other. */
  @IsOptional()
  @IsSecret()
  secondSecret?: string;

  /** Group ids of at most 30 and names of at most 60 code points, as in the group document; else 64, as the SDKs check. */
  @IsBoolean()
  strict = false;

  /** Members of a group. */
  @IsCount(LIMITS.createMembers)
  groupCapacity = 3_000;

  /** Users of one join or quit. */
  @IsCount(LIMITS.usersPerCommand)
  usersPerCall = 1_000;

  /** Minutes by which the times of answers are ahead of UTC. The vendor's data centre in China answers in UTC+8. */
  @IsInt()
  @Min(-12 * 60)
  @Max(14 * 60)
  utcOffsetMinutes = 8 * 60;
}
