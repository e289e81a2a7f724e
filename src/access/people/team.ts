/** The one team of an installation, as Postman's API names it. */
export const team = { id: 1, name: "Sallyport" } as const;
