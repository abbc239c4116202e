-- down.lua FOLDER - takes that laboratory down; says how many processes did not end by themselves.
print(require "sp.lab".open(...):down())
