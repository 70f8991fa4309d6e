import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))
const pages = readdirSync(root)
  .map((folder) => `${root}${folder}/index.html`)
  .filter((page) => existsSync(page))

/**
 * Every folder here that has an `index.html` is a page; they import `cambium` by name, so they get
 * what is published.
 */
export default defineConfig({
  root,
  base: './',
  build: {
    outDir: fileURLToPath(new URL('../build/examples', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: { input: pages },
  },
  worker: { format: 'es' },
})
