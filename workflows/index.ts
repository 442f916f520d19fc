/** Everything exported here is registered as a workflow; names are public and never change. */
export { deploy } from './deploy';
export { freeze } from './freeze';
export { identity } from './identity';
export { inspect } from './inspect';
export { line } from './line';
export { plan } from './plan';
export { policy } from './policy';
export { retire } from './retire';
export { rollback } from './rollback';
export { thaw } from './thaw';
