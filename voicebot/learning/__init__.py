"""The mathematics that classifiers are trained with: for the recipe in models/, and for a company's own reviews."""
