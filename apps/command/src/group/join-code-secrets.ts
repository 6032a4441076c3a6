import { joinCodeSecret, type JoinCodeSecret } from '@cohort/contracts';
import { OutcomeUnknown, type UserKeys } from '@cohort/event-store';
import { storeAway } from '../refusals';

/** The secrets that sign join codes, made of the tenants' own keys. Like these, they are read whenever they are needed. */
export class JoinCodeSecrets {
  constructor(private readonly keys: Pick<UserKeys, 'forSealing'>) {}

  async secretOf(app: string): Promise<JoinCodeSecret> {
    try {
      return joinCodeSecret((await this.keys.forSealing(app, '')).key);
    } catch (error) {
      // Nothing of a command was written.
      throw error instanceof OutcomeUnknown ? storeAway() : error;
    }
  }
}
