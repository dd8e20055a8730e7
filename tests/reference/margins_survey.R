# A share before and after raking, by R's `survey`, on the bundled answers. Run from the folder of this file: Rscript margins_survey.R > margins_survey.csv
suppressPackageStartupMessages(library(survey))
d <- read.csv("../../datasets/five_questions.csv", na.strings = "", encoding = "UTF-8")
d$used <- as.numeric(d$social_media != "none")
d$facebook <- as.numeric(d$social_media == "facebook")
population <- list(recruited_via = c(linkedin = .15, facebook = .6, twitter = .25),
                   age_group = c(under_25 = .1495, "25_34" = .2595, "35_44" = .2265, "45_54" = .1725, "55_64" = .12, "65_over" = .072))
targets <- lapply(names(population), function(v) setNames(data.frame(names(population[[v]]), nrow(d) * population[[v]]), c(v, "Freq")))
plain <- svydesign(ids = ~1, weights = ~1, data = d)
raked <- rake(plain, list(~recruited_via, ~age_group), targets, control = list(epsilon = 1e-12, maxit = 2000))
fixed <- svydesign(ids = ~1, weights = weights(raked), data = d)  # the same weights, as if nobody had raked
cat("name,value\n")
for (kind in c("plain", "raked", "fixed")) for (y in c("used", "facebook")) {
  m <- svymean(as.formula(paste0("~", y)), get(kind), na.rm = TRUE)
  cat(sprintf("%s.%s.share,%.15g\n%s.%s.se,%.15g\n", kind, y, coef(m), kind, y, SE(m)))
}
