import { IsInt, IsOptional, IsUrl, Matches, Max, Min } from 'class-validator';
import { IsKey, IsSecret } from '../../dialect/settings';
import { RESERVED, SHENGWANG } from './paths';

/** As both stand in a path. */
const IsPathName = (): PropertyDecorator =>
  Matches(new RegExp(`^(?!(?:${[...RESERVED, SHENGWANG].join('|')})$)[A-Za-z0-9_-]{1,64}$`, 'i'), {
    message: `$property must be 1 to 64 of A-Z a-z 0-9 _ -, and not one of ${[...RESERVED, SHENGWANG].join(', ')}`,
  });

/** Keys and rules of a tenant, for both APIs. Tokens need a certificate or a client; without both, none is valid. */
export class AgoraSettings {
  /** Names the tenant in `/app-id/{app_id}`. */
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: '$property must be 1 to 64 of A-Z a-z 0-9 _ -' })
  appId!: string;

  /** Signs AccessToken2s. */
  @IsOptional()
  @IsSecret()
  certificate?: string;

  /** Is valid, too, while the certificate is replaced. */
  @IsOptional()
  @IsSecret()
  secondCertificate?: string;

  /** With `app`, names the tenant in `/{org}/{app}`. Without them, only the app id names it. */
  @IsOptional()
  @IsPathName()
  org?: string;

  @IsOptional()
  @IsPathName()
  app?: string;

  /** With its secret, gets the app's token. */
  @IsOptional()
  @IsKey()
  clientId?: string;

  @IsOptional()
  @IsSecret()
  clientSecret?: string;

  /** Is valid, too, while the client's secret is replaced. */
  @IsOptional()
  @IsSecret()
  secondClientSecret?: string;

  /** Seconds for which a token of the token call is valid. */
  @IsInt()
  @Min(60)
  @Max(10 * 365 * 86_400)
  tokenSeconds = 86_400;

  /** Where callers reach this gateway, such as `https://im.example.com`; default: `PUBLIC_URL`, else the host of the request. */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true })
  publicUrl?: string;

  /** The valid ones. */
  get certificates(): readonly string[] {
    return [this.certificate, this.secondCertificate].filter((one) => one !== undefined);
  }

  get clientSecrets(): readonly string[] {
    return [this.clientSecret, this.secondClientSecret].filter((one) => one !== undefined);
  }

  /** The app as the vendor writes it: `org#app`. */
  get name(): string {
    return `${this.org ?? SHENGWANG}#${this.app ?? this.appId}`;
  }
}
