import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { IsSecret } from '../../dialect/settings';

const VISIBLE = [0, 1, 2, 3] as const;
/** The bits of `visibleNotices`. */
export const VISIBLE_BITS = { quit: 1, kick: 2 } as const;

/** The secret of a tenant, by which requests name it, too: they carry nothing else. */
export class WildfireChatSettings {
  @IsSecret()
  secret!: string;

  /** Is valid, too, while callers change from one secret to the other. */
  @IsOptional()
  @IsSecret()
  secondSecret?: string;

  /** Rejects timestamps that are more than two hours old. Off, as the vendor ships its server. */
  @IsBoolean()
  checkTime = false;

  /** Which removals have a second notice, for people to see: 1 quits, 2 kicks, 3 both; 0 none, as the vendor ships its server. */
  @IsIn(VISIBLE, { message: '$property must be 0, 1, 2 or 3' })
  visibleNotices: (typeof VISIBLE)[number] = 0;
}
