# Raking, and truncated raking, by R's `survey`. Run from the folder of this file: Rscript rake_survey.R > rake_survey.csv
# The respondents are made by whole-number arithmetic, so that tests/test_weighting.py makes the same ones without R.
suppressPackageStartupMessages(library(survey))
i <- 0:239
d <- data.frame(via = c("linkedin", "facebook", "twitter")[1 + (i * i + 3 * i) %% 17 %% 3],
                age = c("young", "middle", "old", "oldest")[1 + (i * 13 + (i * i) %% 7) %% 11 %% 4],
                language = ifelse((i * 37 + (i * i) %% 23) %% 11 < 7, "tr", "en"))
population <- list(via = c(linkedin = .2, facebook = .45, twitter = .35), age = c(young = .4, middle = .3, old = .2, oldest = .1),
                   language = c(tr = .85, en = .15))
cat("name,value\n")
for (names in list("via", c("via", "age"), c("via", "age", "language"))) {
  design <- svydesign(ids = ~1, weights = ~1, data = d)
  targets <- lapply(names, function(v) setNames(data.frame(names(population[[v]]), 240 * population[[v]]), c(v, "Freq")))
  raked <- rake(design, lapply(names, function(v) as.formula(paste0("~", v))), targets, control = list(epsilon = 1e-12, maxit = 2000))
  w <- weights(raked)
  for (k in seq_along(w)) cat(sprintf("%d.%d,%.15g\n", length(names), k - 1, w[k]))
}
# the same three margins, no weight beyond the bounds: truncated raking by calibration
design <- svydesign(ids = ~1, weights = ~1, data = d)
via <- population$via; age <- population$age; language <- population$language
totals <- 240 * c("(Intercept)" = 1, viafacebook = via[["facebook"]], vialinkedin = via[["linkedin"]], viatwitter = via[["twitter"]],
                  agemiddle = age[["middle"]], ageold = age[["old"]], ageoldest = age[["oldest"]], ageyoung = age[["young"]],
                  languageen = language[["en"]], languagetr = language[["tr"]])
kept <- colnames(model.matrix(~via + age + language, d))
for (bounds in list(c(0, 2.6), c(0.15, 3))) {
  w <- weights(calibrate(design, ~via + age + language, totals[kept], calfun = "raking", bounds = bounds, epsilon = 1e-12, maxit = 5000))
  for (k in seq_along(w)) cat(sprintf("%g.%g.%d,%.15g\n", bounds[1], bounds[2], k - 1, w[k]))
}
