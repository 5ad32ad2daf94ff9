"""What of allauth is ours: nobody signs up, and the second factor's secret is sealed."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from huying.people.models import User
from huying.vault.seals import seal_text, unseal_text


class Backend(AuthenticationBackend):
    """Reads a user together with the unit, since every page names both."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("unit").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


class NoSignUp(DefaultAccountAdapter):
    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False


class NoSocialSignUp(DefaultSocialAccountAdapter):
    """Officials are provisioned and matched by `sub`; an unknown one stays outside."""

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: object) -> bool:
        return False


class SealedFactors(DefaultMFAAdapter):
    """TOTP secrets and recovery codes lie sealed under the master key; allauth would keep them in plain text."""

    def encrypt(self, text: str) -> str:
        return seal_text(text, purpose="second factor")

    def decrypt(self, encrypted_text: str) -> str:
        return unseal_text(encrypted_text, purpose="second factor")
