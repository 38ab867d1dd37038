# The variables of the root module without its resources. The files beside this one are links to
# the root's own, so a rejected setting is tested here in milliseconds: no provider is started.
locals {
  partition = "aws"
}
