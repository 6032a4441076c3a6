import { IsBoolean } from 'class-validator';
import { IsSecret } from '../../dialect/settings';

/** The secret of a tenant, by which requests name it, too: they carry nothing else. */
export class WildfireChatSettings {
  @IsSecret()
  secret!: string;

  /** Rejects timestamps that are more than two hours old. Off, as the vendor ships its server. */
  @IsBoolean()
  checkTime = false;
}
