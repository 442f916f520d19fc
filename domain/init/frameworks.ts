/** The frameworks that are recognised: one table, the more special one first (a Nest application has Express, too). */
import type { Package } from './facts';

export interface Framework {
  readonly name: string;
  readonly dependency: string;
  /** Starts what was built, where the scripts do not say it in a form that can be taken over. */
  readonly start?: string;
  /** Programs of the framework that scripts call in place of `start`. */
  readonly program?: string;
}

export const FRAMEWORKS: readonly Framework[] = [
  {
    name: 'Next.js',
    dependency: 'next',
    program: 'next',
    start: 'node node_modules/next/dist/bin/next start --port $PORT',
  },
  { name: 'Nuxt', dependency: 'nuxt', program: 'nuxt', start: 'node .output/server/index.mjs' },
  { name: 'NestJS', dependency: '@nestjs/core', program: 'nest', start: 'node dist/main.js' },
  { name: 'AdonisJS', dependency: '@adonisjs/core' },
  { name: 'SvelteKit', dependency: '@sveltejs/adapter-node', start: 'node build' },
  { name: 'Astro', dependency: '@astrojs/node', start: 'node dist/server/entry.mjs' },
  { name: 'Fastify', dependency: 'fastify' },
  { name: 'Express', dependency: 'express' },
  { name: 'Koa', dependency: 'koa' },
  { name: 'Hono', dependency: '@hono/node-server' },
  { name: 'hapi', dependency: '@hapi/hapi' },
];

const STATIC = [
  'vite',
  'react-scripts',
  '@angular/cli',
  '@vue/cli-service',
  'astro',
  'gatsby',
  '@11ty/eleventy',
  'parcel',
];

export const frameworkOf = ({ dependencies, devDependencies }: Package): Framework | null =>
  FRAMEWORKS.find(({ dependency }) => dependencies.includes(dependency) || devDependencies.includes(dependency)) ??
  null;

/** The tool that builds a site without a server, where that is all there is. */
export const staticBuilderOf = ({ dependencies, devDependencies }: Package): string | null =>
  STATIC.find((tool) => dependencies.includes(tool) || devDependencies.includes(tool)) ?? null;
