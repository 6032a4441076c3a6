import { ADMINS, type Permissions } from '../../permission';

export const attributes = { setAttributes: { by: ADMINS } } satisfies Permissions;
