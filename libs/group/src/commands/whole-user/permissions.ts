import { SERVICES, type Permissions } from '../../permission';

export const wholeUser = { eraseMember: { by: SERVICES } } satisfies Permissions;
