import type { GroupCommandData } from '@cohort/contracts';
import { accept, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Lets a disabled group work again; another one stays as it is. */
export const enable = ({ actor }: GroupCommandData<'enable'>, group: LiveGroup): Decision =>
  mustBeAllowed('enable', actor, group) ??
  accept(group.lifecycle.disabled ? [{ type: 'enabled', data: { threads: true } }] : []);
