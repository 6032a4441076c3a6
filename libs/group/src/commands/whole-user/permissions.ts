import { SERVICES, type Permissions } from '../../permission';

export const wholeUser = { eraseMember: { by: SERVICES }, eraseRequests: { by: SERVICES } } satisfies Permissions;
