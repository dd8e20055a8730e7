# What the lessons ask of statsmodels, by R: ordered and multinomial logit with plain and clustered errors, and the mixed model of experiences in
# employees in shops. Data: the bundled files. Run from the folder of this file: Rscript models.R > models.csv
suppressPackageStartupMessages({library(MASS); library(nnet); library(sandwich); library(lme4)})
put <- function(name, values) for (k in seq_along(values)) cat(sprintf("%s.%d,%.17g\n", name, k - 1, values[k]))
cat("name,value\n")
tight <- list(reltol = 1e-15, maxit = 1000)
h <- read.csv("../../datasets/copenhagen_housing.csv")
h <- transform(h, satisfaction = factor(satisfaction, c("Low", "Medium", "High")), influence = factor(influence, c("Low", "Medium", "High")),
               housing = factor(housing, c("Tower", "Apartment", "Atrium", "Terrace")), contact = factor(contact, c("Low", "High")))
m <- polr(satisfaction ~ influence + housing + contact, h, weights = tenants, Hess = TRUE, control = tight)
put("housing", c(coef(m), m$zeta, as.numeric(logLik(m)))); put("housing.se", sqrt(diag(vcov(m))))
n <- multinom(satisfaction ~ influence + housing + contact, h, weights = tenants, trace = FALSE, reltol = 1e-15, maxit = 1000)
put("housing.multinomial", c(coef(n)["Medium", ], coef(n)["High", ], deviance(n)))
e <- read.csv("../../datasets/experiences.csv")
score <- function(name, reverse = 0) rowMeans(sapply(1:4, function(k) { x <- e[[paste0(name, "_", k)]]; if (k == reverse) 8 - x else x }))
e <- transform(e, functional = score("functional"), accessible = score("accessible"), emotional = score("emotional", 3))
e <- e[complete.cases(e[c("functional", "accessible", "emotional")]), ]
put("experiences.n", nrow(e))
o <- polr(factor(satisfaction) ~ functional + accessible + emotional, e, Hess = TRUE, control = tight)
put("satisfaction", c(coef(o), o$zeta, as.numeric(logLik(o)))); put("satisfaction.se", sqrt(diag(vcov(o))))
put("satisfaction.clustered", sqrt(diag(vcovCL(o, e$customer, type = "HC1"))))
e$memory <- factor(e$memory, c("nothing", "very_good", "very_bad"))
q <- multinom(memory ~ functional + accessible + emotional, e, trace = FALSE, reltol = 1e-15, maxit = 1000, Hess = TRUE)
put("memory", c(coef(q)["very_good", ], coef(q)["very_bad", ], deviance(q)))
put("memory.se", c(t(summary(q)$standard.errors)))
l <- lmer(emotional ~ 1 + (1 | shop) + (1 | employee), e, control = lmerControl(optCtrl = list(ftol_abs = 1e-14, xtol_abs = 1e-12)))
v <- as.data.frame(VarCorr(l))$vcov
put("mixed", c(fixef(l), v[1], v[2], v[3], sqrt(vcov(l)[1, 1]), as.numeric(logLik(l))))  # intercept; employee, shop, residual; se; REML
put("mixed.employee", ranef(l)$employee[, 1])
