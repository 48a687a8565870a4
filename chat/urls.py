from django.urls import URLPattern, URLResolver, include, path

from chat.views import conversations, messages, people, reading, titles

of_message: list[URLPattern | URLResolver] = [
    path("", messages.message, name="message"),
    path("stop/", messages.stop, name="message-stop"),
    path("again/", messages.again, name="message-again"),
    path("retry/", messages.retry, name="message-retry"),
    path("continue/", messages.go_on, name="message-continue"),
    path("edit/", messages.edit, name="message-edit"),
    path("branch/", messages.branch, name="message-branch"),
    path("choose/", messages.choose, name="message-choose"),
    path("delete/", messages.delete, name="message-delete"),
]
of_person: list[URLPattern | URLResolver] = [
    path("role/", people.role, name="person-role"),
    path("remove/", people.remove, name="person-remove"),
    path("hand-over/", people.hand, name="person-hand-over"),
]
of_conversation: list[URLPattern | URLResolver] = [
    path("", conversations.conversation, name="conversation"),
    path("head/", conversations.head, name="conversation-head"),
    path("affected/", conversations.affected, name="conversation-affected"),
    path("title/", titles.title, name="conversation-title"),
    path("delete/", titles.delete, name="conversation-delete"),
    path("send/", messages.send, name="message-send"),
    path("people/", people.people, name="conversation-people"),
    path("people/<int:person>/", include(of_person)),
    path("leave/", people.leave, name="conversation-leave"),
    path("links/", people.make_link, name="share-link-make"),
    path("links/<int:link>/end/", people.end_link, name="share-link-end"),
    path("reading/", reading.reading, name="conversation-reading"),
    path("messages/", messages.messages, name="messages"),
    path("messages/<int:message>/", include(of_message)),
]
urlpatterns = [
    path("", conversations.home, name="home"),
    path("new/", conversations.start, name="conversation-start"),
    path("conversations/", conversations.conversations, name="conversations"),
    path("picker/", conversations.picker, name="picker"),
    path("join/<str:token>/", people.join, name="conversation-join"),
    path("c/<int:pk>/", include(of_conversation)),
]
